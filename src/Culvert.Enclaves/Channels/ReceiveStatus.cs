namespace Culvert.Enclaves;

/// <summary>What came of waiting for a message.</summary>
public enum ReceiveStatus
{
    /// <summary>A message: the caller owns it.</summary>
    Received = 1,

    /// <summary>None is there, or none came in the time given. The channel is as good as before.</summary>
    NotYet,

    /// <summary>The other side said that it sends no more, and all that it sent has been received.</summary>
    Ended,

    /// <summary>The channel is dead; <see cref="IMessageChannel.Failure"/> says why.</summary>
    Failed,
}
