using System.Buffers;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Stages.Tests;

/// <summary>
/// All partitions of <see cref="TwoStageJob"/>, whose frames go as bytes through a router: it keeps the order of each
/// channel, and nothing else that a seed does not say. What the router does beside that is <see cref="Deed"/>.
/// </summary>
internal sealed class SealedRun : IStageServices, IDisposable
{
    internal static readonly RunId Run = new(7);

    private readonly Plan _plan;
    private readonly Random _random;
    private readonly EdgeKeys _keys;
    private readonly Dictionary<Producer, PartitionStep> _steps = [];
    private readonly Dictionary<Producer, SealedEdges> _edges = [];
    private readonly SortedDictionary<(Channel From, PartitionId To), Queue<byte[]>> _queues = [];

    internal SealedRun(int seed, bool isSealed = true, Plan? plan = null, RunId? run = null)
    {
        _plan = plan ?? TwoStageJob.Plan;
        _random = new Random(seed);
        using Secret owner = Secret.CopyOf(new byte[32]);
        using Secret runKey = KeySchedule.RunKey(owner, run ?? Run, _plan.Digest);
        _keys = EdgeKeys.Derive(runKey, _plan.Edges.Select(e => e.Id));
        int salt = 1;
        foreach (Stage stage in _plan.Stages)
        {
            for (int p = 0; p < stage.PartitionCount; p++)
            {
                Producer self = new(stage.Id, new PartitionId(p));
                SealedEdges edges = new(_plan, run ?? Run, _keys, self, new InstanceSalt((UInt128)(seed * 100) + (UInt128)salt++), _ => isSealed);
                _edges[self] = edges;
                _steps[self] = new PartitionStep(
                    _plan, stage.Id, self.Partition, new Outbox(this, edges), this, null, isSealed ? _keys.Dispatch : null);
            }
        }
    }

    /// <summary>What the router does with a frame: what it brings in its place, and to whom. Null for an honest one.</summary>
    internal Func<byte[], Producer, IEnumerable<(byte[] Frame, Producer To)>>? Deed { get; set; }

    /// <summary>The result, row by row.</summary>
    internal List<string> Rows { get; } = [];

    /// <summary>What refused a frame, or null.</summary>
    internal Failure? Error { get; private set; }

    /// <summary>Whether every partition has worked off all its input.</summary>
    internal bool IsFinished => _steps.Values.All(s => s.IsFinished);

    /// <summary>Bytes of every frame sent, in order.</summary>
    internal List<byte[]> Sent { get; } = [];

    /// <summary>Works until nothing is left to carry, or a frame is refused.</summary>
    internal SealedRun Go()
    {
        for (int round = 0; round <= TwoStageJob.Rounds; round++)
        {
            foreach ((Producer producer, PartitionStep step) in _steps.Where(s => _plan.Stages[s.Key.Stage.Value].Source is not null))
            {
                if (round == TwoStageJob.Rounds)
                {
                    step.End();
                }
                else
                {
                    step.Push(TwoStageJob.Rows(producer.Partition.Value, round));
                    step.CloseRound();
                }
            }
        }

        while (Error is null && _queues.Values.Any(q => q.Count > 0))
        {
            Queue<byte[]>[] waiting = [.. _queues.Values.Where(q => q.Count > 0)];
            byte[] frame = waiting[_random.Next(waiting.Length)].Dequeue();
            FrameHeader header = FrameHeader.Read(frame).Value;
            Producer to = new(_plan.Edges[header.Edge.Value].To, header.To);
            foreach ((byte[] brought, Producer receiver) in Deed?.Invoke(frame, to) ?? [(frame, to)])
            {
                Bring(brought, receiver);
            }
        }

        return this;
    }

    public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position) => new Writer(Rows);

    public void Dispose()
    {
        foreach (PartitionStep step in _steps.Values)
        {
            step.Dispose();
        }

        foreach (SealedEdges edges in _edges.Values)
        {
            edges.Dispose();
        }

        _keys.Dispose();
    }

    private void Bring(byte[] frame, Producer to)
    {
        if (Error is not null)
        {
            return;
        }

        Outcome<Frame> opened = _edges[to].Open([.. frame]);
        Error = opened.Failure ?? _steps[to].Receive(opened.Value).Failure;
        while (Error is null && _steps[to].Advance() != MergeStep.Wait)
        {
        }
    }

    private void Send(byte[] bytes)
    {
        Sent.Add(bytes);
        FrameHeader header = FrameHeader.Read(bytes).Value;
        (Channel, PartitionId) channel = (new Channel(header.Edge, header.From), header.To);
        if (!_queues.TryGetValue(channel, out Queue<byte[]>? queue))
        {
            _queues[channel] = queue = [];
        }

        queue.Enqueue(bytes);
    }

    private sealed class Outbox(SealedRun run, SealedEdges edges) : IFrameSink
    {
        public void Send(Frame frame) => run.Send(edges.Seal(frame).ToArray());
    }

    private sealed class Writer(List<string> rows) : ISinkWriter
    {
        public void Write(Batch batch, Round round)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                rows.Add(string.Join('|', batch.GetRow(row)));
            }
        }

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
        }

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }
    }
}
