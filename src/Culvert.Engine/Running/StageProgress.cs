using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>How far a stage has come; the numbers are of one moment only as nearly as threads allow.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Rows">Rows taken in.</param>
/// <param name="Bytes">For a source: bytes read.</param>
/// <param name="TotalBytes">For a source: bytes to read, where that is known.</param>
/// <param name="Round">The last round that all its partitions have completed.</param>
/// <param name="Watermark">The least watermark of its partitions.</param>
/// <param name="LateEvents">Events dropped because they came too late.</param>
/// <param name="StateBytes">Keyed state held.</param>
/// <param name="Finished">True when all its partitions have finished.</param>
public sealed record StageProgress(
    string Name, long Rows, long Bytes, long? TotalBytes, Round Round, Watermark Watermark, long LateEvents, long StateBytes, bool Finished);
