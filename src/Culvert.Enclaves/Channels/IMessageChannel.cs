namespace Culvert.Enclaves;

/// <summary>
/// Carries messages, opaque bytes each, both ways between two sides that need not trust each other: in order, whole, each
/// once. What the other side does wrong makes the channel fail (<see cref="FailureKind.Integrity"/>), and so does its death
/// (<see cref="FailureKind.Io"/>); a channel that failed stays so. Neither side may assume that the other ever answers: every
/// wait has a limit.
/// <para>Any number of threads may send, and one thread at a time receive, while others send. Disposing wakes whoever waits,
/// who then gets <see cref="ReceiveStatus.Failed"/> or <see cref="SendStatus.Failed"/>.</para>
/// </summary>
public interface IMessageChannel : IDisposable
{
    /// <summary>The longest message, in bytes, that is sent or accepted; the same on both sides. A longer one that arrives is an integrity failure, before memory is allocated for it.</summary>
    int MessageBytesMax { get; }

    /// <summary>Why the channel is dead; null while it is not.</summary>
    Failure? Failure { get; }

    /// <summary>Takes the next message if it is there, without waiting for it to begin. One that has begun to arrive is waited for, at most the channel's stall limit.</summary>
    ReceiveStatus TryReceive(out Message? message);

    /// <summary>
    /// Takes the next message, waiting for it up to <paramref name="timeout"/> (<see cref="Timeout.InfiniteTimeSpan"/>: until
    /// there is one or the channel ends or fails). The message is the caller's, and not null, when the status is
    /// <see cref="ReceiveStatus.Received"/>; otherwise it is null.
    /// </summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled; no message is lost.</exception>
    ReceiveStatus Receive(TimeSpan timeout, out Message? message, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends one message, <paramref name="head"/> and behind it <paramref name="body"/>, if there is room for it now. One that
    /// is longer than the channel holds at once is begun when the channel is empty, and then waits for the other side to take it.
    /// </summary>
    /// <exception cref="ArgumentException">The message is longer than <see cref="MessageBytesMax"/>.</exception>
    SendStatus TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default);

    /// <summary>
    /// Sends one message, <paramref name="head"/> and behind it <paramref name="body"/>, waiting for room up to
    /// <paramref name="timeout"/>. Each byte is copied once. A message that has begun to be sent is never left half: when the
    /// other side takes nothing of it for the channel's stall limit, the channel fails.
    /// </summary>
    /// <exception cref="ArgumentException">The message is longer than <see cref="MessageBytesMax"/>.</exception>
    /// <exception cref="OperationCanceledException">The wait for room was cancelled; nothing was sent.</exception>
    SendStatus Send(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, CancellationToken cancellationToken = default);

    /// <summary>Tells the other side that nothing more is sent. It still receives what was; receiving here goes on.</summary>
    void EndSending();
}
