using Culvert.Enclaves;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>A host that takes nothing more from its owner, from some message on, and has said something before it left.</summary>
/// <param name="host">What it is until then.</param>
/// <param name="taken">How many messages of the owner it takes.</param>
/// <param name="lastWords">What it has said.</param>
internal sealed class LeavingHost(LocalHost host, int taken, byte[] lastWords) : IHostConnection
{
    public IMessageChannel Channel { get; } = new LeavingChannel(host.Channel, taken, lastWords);

    public void Dispose() => host.Dispose();

    private sealed class LeavingChannel(IMessageChannel inner, int taken, byte[] lastWords) : IMessageChannel
    {
        private int _sent;
        private bool _hasSpoken;

        public int MessageBytesMax => inner.MessageBytesMax;

        public Failure? Failure => HasLeft ? new Failure(FailureKind.Io, "it took its hat") : inner.Failure;

        private bool HasLeft => _sent > taken;

        public ReceiveStatus TryReceive(out Message? message) => Receive(TimeSpan.Zero, out message);

        public ReceiveStatus Receive(TimeSpan timeout, out Message? message, CancellationToken cancellationToken = default)
        {
            if (!HasLeft)
            {
                return inner.Receive(timeout, out message, cancellationToken);
            }

            message = _hasSpoken ? null : Message.CopyOf(lastWords);
            _hasSpoken = true;
            return message is null ? ReceiveStatus.Failed : ReceiveStatus.Received;
        }

        public SendStatus TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => Send(TimeSpan.Zero, head, body);

        public SendStatus Send(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, CancellationToken cancellationToken = default) =>
            ++_sent > taken ? SendStatus.Failed : inner.Send(timeout, head, body, cancellationToken);

        public void EndSending() => inner.EndSending();

        public void Dispose() => inner.Dispose();
    }
}
