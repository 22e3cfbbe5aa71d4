using Culvert.Enclaves;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>What the owner's own worker has to work with: sources that are read and sinks that are written in the open, and everybody's reports.</summary>
internal sealed class OwnerServices(IClock clock, IEntropy entropy) : IWorkerServices
{
    private readonly Lock _lock = new();
    private readonly SinkRoom _sinks = new();
    private readonly List<ISource> _sources = [];
    private readonly List<ISourcePartition> _partitions = [];
    private readonly Dictionary<Producer, PartitionReport> _reports = [];

    public IClock Clock => clock;

    public IEntropy Entropy => entropy;

    public StateBudget? Budget => null;

    /// <summary>What went wrong first, in a partition's own words.</summary>
    internal string? Failure { get; private set; }

    public ISource OpenSource(StageWorker worker, StageId stage, SourceNode node)
    {
        ISource source = SourceOpening.Open(node, clock);
        lock (_lock)
        {
            _sources.Add(source);
        }

        return new BoundSource(source, Opened);
    }

    public ISinkWriter OpenSink(StageWorker worker, SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position) =>
        _sinks.OpenSink(sink, partition, position);

    public IReadOnlyList<Sealing.SealedInput> ReadInputs(StageWorker worker) => [];

    public void Report(Producer from, PartitionReport report)
    {
        lock (_lock)
        {
            // A replica that is behind takes nothing back.
            if (!_reports.TryGetValue(from, out PartitionReport? known) || !known.Finished)
            {
                _reports[from] = report;
            }

            Failure ??= report.Failure;
        }
    }

    /// <summary>Whether a partition has said that it is at its end.</summary>
    internal bool HasFinished(Producer producer)
    {
        lock (_lock)
        {
            return _reports.TryGetValue(producer, out PartitionReport? report) && report.Finished;
        }
    }

    public void MakeDurable() => _sinks.MakeDurable();

    /// <summary>Tells callbacks that the run did not finish.</summary>
    internal void Fail(Exception failure) => _sinks.Fail(failure);

    /// <summary>Rows, malformed rows and late events, as the partitions counted them.</summary>
    internal (long Rows, long Malformed, long Late) Counts(Plan plan)
    {
        lock (_lock)
        {
            PartitionReport[] sources = [.. _reports.Where(r => plan.Stages[r.Key.Stage.Value].Source is not null).Select(r => r.Value)];
            return (sources.Sum(r => r.Rows), sources.Sum(r => r.Malformed), _reports.Values.Sum(r => r.Late));
        }
    }

    /// <summary>Rows that a stage has told of: at its partitions' ends.</summary>
    internal long RowsOf(StageId stage)
    {
        lock (_lock)
        {
            return _reports.Where(r => r.Key.Stage == stage).Sum(r => r.Value.Rows);
        }
    }

    /// <summary>Rows that sources in this process have read so far.</summary>
    internal long RowsReadHere
    {
        get
        {
            lock (_lock)
            {
                return _partitions.Sum(p => p.Counts.Rows);
            }
        }
    }

    internal List<string> MalformedPlaces()
    {
        try
        {
            lock (_lock)
            {
                return [.. _sources.OfType<CsvSource>().SelectMany(s => s.MalformedRows.First)];
            }
        }
        catch (Exception failure) when (failure is SourceFailedException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private ISourcePartition Opened(ISourcePartition partition)
    {
        lock (_lock)
        {
            _partitions.Add(partition);
        }

        return partition;
    }

    /// <summary>
    /// A source whose positions name the input that they are of: a host that keeps snapshots may bring those of an older run,
    /// over other input.
    /// </summary>
    private sealed class BoundSource(ISource source, Func<ISourcePartition, ISourcePartition> opened) : ISource
    {
        public Schema Schema => source.Schema;

        public int PartitionCount => source.PartitionCount;

        public long? TotalBytes => source.TotalBytes;

        public ReadOnlyMemory<byte> Identity => source.Identity;

        public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => source.CheckIdentity(identity);

        public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position)
        {
            if (position.IsEmpty)
            {
                return opened(new Bound(source, source.Open(partition, position)));
            }

            FieldReader reader = new(position);
            Outcome<bool> same = source.CheckIdentity(reader.Part(position.Length));
            return same.Succeeded && !reader.IsCut
                ? opened(new Bound(source, source.Open(partition, reader.Take(reader.Left))))
                : throw new SourceFailedException($"cannot resume: {same.Failure?.Message}");
        }

        public void Dispose() => source.Dispose();

        private sealed class Bound(ISource source, ISourcePartition partition) : ISourcePartition
        {
            public Action? Wake
            {
                get => partition.Wake;
                set => partition.Wake = value;
            }

            public SourceCounts Counts => partition.Counts;

            public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken) => partition.ReadRound(emit, cancellationToken);

            public void WritePosition(System.Buffers.IBufferWriter<byte> writer)
            {
                writer.Part(source.Identity.Span);
                partition.WritePosition(writer);
            }

            public string Locate(int row) => partition.Locate(row);

            public void Dispose() => partition.Dispose();
        }
    }
}
