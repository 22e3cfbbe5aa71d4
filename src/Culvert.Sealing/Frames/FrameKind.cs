namespace Culvert.Sealing;

/// <summary>What a frame carries. The numbers are part of the frame format and never change.</summary>
public enum FrameKind : byte
{
    /// <summary>Rows of a round.</summary>
    Data = 1,

    /// <summary>The end of a round, with the producer's watermark: none of its rows follow.</summary>
    Close = 2,

    /// <summary>The end of the producer's stream: it closes the round at hand and all later ones.</summary>
    End = 3,
}
