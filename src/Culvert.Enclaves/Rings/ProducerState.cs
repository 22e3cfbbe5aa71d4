namespace Culvert.Enclaves.Rings;

/// <summary>What the producer of a ring says of itself. Only ever goes on: open, then ended or left, at last ended and left.</summary>
internal enum ProducerState : uint
{
    Open = 0,

    /// <summary>Sends no more, still receives.</summary>
    Ended = 1,

    /// <summary>Gone without having ended.</summary>
    Left = 2,

    /// <summary>Gone in good order.</summary>
    EndedAndLeft = 3,
}
