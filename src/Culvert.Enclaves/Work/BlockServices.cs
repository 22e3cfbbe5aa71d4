using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>What a worker behind a boundary has to work with: sealed files through its host, and nothing in the open.</summary>
/// <param name="clock">For how long the run took; nothing else.</param>
/// <param name="entropy">Salts.</param>
/// <param name="budget">What keyed state may take; null: as much as it wants.</param>
public sealed class BlockServices(IClock clock, IEntropy entropy, StateBudget? budget = null) : IWorkerServices
{
    private readonly TimeSpan _began = clock.Elapsed;
    private readonly List<SealedInput> _inputs = [];
    private long _inputRows;
    private bool _readInputs;

    /// <inheritdoc/>
    public IClock Clock => clock;

    /// <inheritdoc/>
    public IEntropy Entropy => entropy;

    /// <inheritdoc/>
    public StateBudget? Budget => budget;

    /// <inheritdoc/>
    public ISource OpenSource(StageWorker worker, StageId stage, SourceNode node) => node.Source.Canonical.StartsWith(SealedText.Source, StringComparison.Ordinal)
        ? new BlockSource(worker, stage, node)
        : throw new StageFailedException($"{worker.Plan.Stages[stage.Value].Name}: a source in the open ({node.Source.Canonical}) is read at the owner, not behind a boundary");

    /// <inheritdoc/>
    public ISinkWriter OpenSink(StageWorker worker, SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position)
    {
        if (sink.Sink.Canonical == "discard")
        {
            return new DiscardedRows();
        }

        if (sink.Sink.Canonical != SealedText.Sink)
        {
            throw new StageFailedException($"a sink in the open ({sink.Sink.Canonical}) is written at the owner, not behind a boundary");
        }

        _ = ReadInputs(worker);
        return new BlockSink(worker, sink, partition, position, entropy, () => new SealedCoverage
        {
            RowsRead = partition.Value == 0 ? _inputRows : 0,
            Elapsed = clock.Elapsed - _began,
            Inputs = [.. _inputs],
        });
    }

    /// <inheritdoc/>
    public void Report(Producer from, PartitionReport report) =>
        throw new IntegrityException(new Failure(FailureKind.Integrity, $"the host brought the report of {from} to a worker that is not the owner's"));

    /// <inheritdoc/>
    public void MakeDurable()
    {
    }

    /// <inheritdoc/>
    public IReadOnlyList<SealedInput> ReadInputs(StageWorker worker)
    {
        if (_readInputs)
        {
            return _inputs;
        }

        _readInputs = true;
        foreach ((StageId stage, var files) in worker.Setup.Inputs.OrderBy(i => i.Key))
        {
            for (int f = 0; f < files.Length; f++)
            {
                using BlockFile file = BlockFile.Open(worker, stage, f, files[f], new Schema([]));
                _inputs.Add(new SealedInput(files[f].Id, file.Digest));
                _inputRows += file.Ends.Sum(e => e.RowCount);
            }
        }

        return _inputs;
    }

    private sealed class DiscardedRows : ISinkWriter
    {
        public void Write(Batch batch, Round round)
        {
        }

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(System.Buffers.IBufferWriter<byte> writer) => writer.Byte(1);

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }
    }
}
