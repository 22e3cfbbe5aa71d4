using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// The unit between partitions. This is its open form, whose batch never leaves the process; who holds a data frame owns
/// the batch and disposes it.
/// </summary>
/// <param name="Kind">What it carries.</param>
/// <param name="Edge">Along which edge of the plan.</param>
/// <param name="To">The receiving partition of the edge's stage, as the producer chose it.</param>
/// <param name="From">Who made it.</param>
/// <param name="Round">The round it belongs to.</param>
/// <param name="Sequence">Its place among the frames of (edge, to, from).</param>
/// <param name="Watermark">For <see cref="FrameKind.Close"/>: the producer's watermark behind the round.</param>
/// <param name="Batch">For <see cref="FrameKind.Data"/>: the rows.</param>
public sealed record Frame(
    FrameKind Kind,
    EdgeId Edge,
    PartitionId To,
    Producer From,
    Round Round,
    SequenceNumber Sequence,
    Watermark Watermark = default,
    Batch? Batch = null)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Edge} {From}->{To} {Round} {Sequence}";
}
