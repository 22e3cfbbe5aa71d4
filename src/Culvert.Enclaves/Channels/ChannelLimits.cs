namespace Culvert.Enclaves;

/// <summary>Limits of every message channel (docs/specs/enclave-boundary.md).</summary>
public static class ChannelLimits
{
    /// <summary>Longest message, unless a channel is made with less: a block of 64 MiB and the fields before it.</summary>
    public const int MessageBytesMax = (64 << 20) + 4096;

    /// <summary>How long the other side may take nothing of a message that has begun, or add nothing to it, before the channel fails.</summary>
    public static TimeSpan StallMax { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest <c>MessageBytesMax</c> that a channel can be made with: a length must stay far from overflow.</summary>
    internal const int MessageBytesLimit = 1 << 30;

    internal static void CheckMessageBytesMax(int messageBytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messageBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(messageBytesMax, MessageBytesLimit);
    }

    /// <summary>The length of a message to be sent, or the exception that the channel's contract names.</summary>
    internal static int CheckedLength(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int messageBytesMax)
    {
        long length = (long)head.Length + body.Length;
        return length <= messageBytesMax
            ? (int)length
            : throw new ArgumentException($"a message of {length} bytes; at most {messageBytesMax} are sent", nameof(body));
    }
}
