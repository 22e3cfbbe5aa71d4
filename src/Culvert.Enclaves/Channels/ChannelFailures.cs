namespace Culvert.Enclaves;

/// <summary>What channels of every kind say.</summary>
internal static class ChannelFailures
{
    internal static Failure Disposed { get; } = new(FailureKind.Io, "the channel was disposed on this side");

    internal static Failure PeerLeft { get; } = new(FailureKind.Io, "the other side left the channel without having ended its sending");

    internal static Failure TooLong(long length, int max) =>
        new(FailureKind.Integrity, $"the other side announced a message of {length} bytes; at most {max} are accepted");
}
