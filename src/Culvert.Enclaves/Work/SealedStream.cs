using System.Buffers;
using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>A sealed file or result that a worker reads or writes.</summary>
/// <param name="Id">Its stream.</param>
/// <param name="Key">Its key.</param>
/// <param name="Header">For a result: its header.</param>
public sealed record SealedStream(StreamId Id, Secret Key, ReadOnlyMemory<byte> Header = default)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"stream {Id}";

    /// <summary>The stage that writes a plan's sealed result, or null.</summary>
    public static Stage? ResultStage(Plan plan) => plan.Stages.FirstOrDefault(s => s.Operators.Any(o => o.Node is SinkNode { Sink.Canonical: SealedText.Sink }));

    /// <summary>
    /// A run's result. Its header follows from key, plan and owner alone, so that all who write a strand of it make the same
    /// one without a word between them.
    /// </summary>
    internal static SealedStream OfResult(WorkerTask task, StreamId id, Secret key)
    {
        Stage stage = ResultStage(task.Plan) ?? throw new InvalidOperationException("the plan has no sealed result");
        Schema schema = stage.Operators.First(o => o.Node is SinkNode).Node.Schema;
        SealedFileContents contents = new(
            SealedFileKind.Result, task.Plan.JobName, [.. schema.Fields.Select(f => f.Name)], ColumnCodec.WriteTypes(schema));
        return new SealedStream(id, key, SealedFileHeader.Seal(key, id, task.OwnerKey, stage.PartitionCount, contents).Bytes);
    }
}
