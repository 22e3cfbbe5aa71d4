namespace Culvert.Sealing;

/// <summary>What a producer says of a frame: what it is and where it belongs. The rest of the header follows from who seals it.</summary>
/// <param name="Kind">What it carries.</param>
/// <param name="Edge">Along which edge.</param>
/// <param name="To">The receiving partition.</param>
/// <param name="Round">The round it belongs to.</param>
/// <param name="Sequence">Its place among the frames of (edge, to, from).</param>
public readonly record struct FramePlace(FrameKind Kind, EdgeId Edge, PartitionId To, Round Round, SequenceNumber Sequence);
