using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Hands rows to a sink's writer, which is opened with the position of a snapshot where there is one.</summary>
internal sealed class SinkOperator(SinkNode node, PartitionId partition, IStageServices services) : Operator
{
    private ISinkWriter? _writer;
    private Round _round = new(0);

    private ISinkWriter Writer => _writer ??= services.OpenSink(node, partition, default);

    /// <summary>Opens the sink before rows come, so that what cannot be written is known at the start.</summary>
    internal void Open() => _ = Writer;

    /// <summary>For a partition that a snapshot found at its end: the output gets its final name again.</summary>
    internal void CompleteAgain() => Writer.Complete();

    internal override void Process(int input, Batch batch)
    {
        Writer.Write(batch, _round);
        batch.Dispose();
    }

    internal override void CloseRound(Round round, Watermark watermark)
    {
        Writer.CloseRound(round, watermark);
        _round = round.Next;
    }

    internal override void Finish(Round round) => Writer.Complete();

    internal override void Save(ByteBuffer cells) => Writer.WritePosition(cells);

    internal override void Restore(ReadOnlySpan<byte> cells) => _writer = services.OpenSink(node, partition, cells);

    private protected override void Release() => _writer?.Dispose();
}

/// <summary>What a stage needs from the shell around it.</summary>
public interface IStageServices
{
    /// <summary>Opens a sink: anew when <paramref name="position"/> is empty, else behind a position it wrote, dropping what lies after.</summary>
    ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position);

    /// <summary>What bounds the memory of keyed state; null, the default, for no bound. The same for all partitions of a worker.</summary>
    StateBudget? StateBudget => null;
}
