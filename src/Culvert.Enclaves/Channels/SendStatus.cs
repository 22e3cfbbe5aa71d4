namespace Culvert.Enclaves;

/// <summary>What became of a message that was to be sent.</summary>
public enum SendStatus
{
    /// <summary>The channel has taken all of it; the caller may reuse its buffers.</summary>
    Sent = 1,

    /// <summary>Nothing of it was sent: there was no room, in the time given. The channel is as good as before.</summary>
    Full,

    /// <summary>Nothing of it was sent: the other side receives no more, or this side has ended its sending.</summary>
    Ended,

    /// <summary>The channel is dead, and part of the message may be lost; <see cref="IMessageChannel.Failure"/> says why.</summary>
    Failed,
}
