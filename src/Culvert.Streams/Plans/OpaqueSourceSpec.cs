namespace Culvert.Streams;

/// <summary>A source as a plan names it, for those who run a plan's other stages and do not open it.</summary>
/// <param name="canonical">The text that stands for it in the plan.</param>
/// <param name="partitionCount">Its partitions.</param>
public sealed class OpaqueSourceSpec(string canonical, int partitionCount) : SourceSpec
{
    /// <inheritdoc/>
    public override int PartitionCount { get; } = partitionCount;

    /// <inheritdoc/>
    public override string Canonical { get; } = canonical;

    /// <inheritdoc/>
    public override string Description => Canonical;
}
