namespace Culvert.Enclaves.Rings;

/// <summary>What both ends of a channel have to know of it, kept in private memory. Thread safe.</summary>
internal sealed class RingCondition
{
    private Failure? _failure;
    private Failure? _peerIsGone;
    private volatile bool _closed;

    /// <summary>This side was disposed.</summary>
    internal bool IsClosed => _closed;

    /// <summary>The peer broke the rules, or stalled: nothing goes on.</summary>
    internal Failure? Failure => Volatile.Read(ref _failure);

    /// <summary>The peer's process has ended: nothing more comes, but what it sent is there.</summary>
    internal Failure? PeerIsGone => Volatile.Read(ref _peerIsGone);

    internal void Fail(Failure failure) => Interlocked.CompareExchange(ref _failure, failure, null);

    internal void SetPeerIsGone(Failure failure) => Interlocked.CompareExchange(ref _peerIsGone, failure, null);

    internal void Close() => _closed = true;
}
