namespace Culvert.Streams;

/// <summary>A sink as a plan names it, for those who run a plan's other stages and do not open it.</summary>
/// <param name="canonical">The text that stands for it in the plan.</param>
public sealed class OpaqueSinkSpec(string canonical) : SinkSpec
{
    /// <inheritdoc/>
    public override string Canonical { get; } = canonical;

    /// <inheritdoc/>
    public override string Description => Canonical;
}
