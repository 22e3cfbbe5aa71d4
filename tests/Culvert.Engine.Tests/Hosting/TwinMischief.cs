using System.Buffers;
using Culvert.Enclaves;
using Culvert.Sealing;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>
/// Has the second enclave hold, beside its own partitions, all those of the first: their frames are sent twice, and frames for
/// them are brought to both. What the twins say of rounds is kept from the honest part of the host.
/// </summary>
internal sealed class TwinMischief : IMischief
{
    private readonly Lock _lock = new();
    private readonly List<byte[]> _forTwins = [];
    private readonly HashSet<Producer> _twins = [];
    private int _framesOfTwins;

    internal int FramesOfTwins => Volatile.Read(ref _framesOfTwins);

    public IEnumerable<byte[]> Pass(int worker, bool toWorker, MessageKind kind, byte[] message)
    {
        lock (_lock)
        {
            if (worker == 1 && toWorker && kind is MessageKind.Assign or MessageKind.Frame)
            {
                if (kind == MessageKind.Assign)
                {
                    _twins.Add(AssignMessage.Read(message.AsSpan(1)).Value.Producer);
                }

                _forTwins.Add([.. message]);
            }

            if (worker != 2)
            {
                return [message];
            }

            if (!toWorker)
            {
                if (kind == MessageKind.Frame && _twins.Contains(FrameHeader.Read(message.AsSpan(1)).Value.From))
                {
                    _framesOfTwins++;
                }

                return kind == MessageKind.Completed && _twins.Contains(CompletedMessage.Read(message.AsSpan(1)).Value.Producer) ? [] : [message];
            }

            // Before its release a worker takes nothing else.
            if (kind is MessageKind.Challenge or MessageKind.Release)
            {
                return [message];
            }

            byte[][] passed = [.. _forTwins, message];
            _forTwins.Clear();
            return passed;
        }
    }
}
