using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A job's result, sealed by the stage that makes it: nobody on the way to the owner can read it. Which file it goes to, the run's options say.</summary>
public sealed class SealedResultSinkSpec : SinkSpec
{
    /// <inheritdoc/>
    public override string Canonical => SealedText.Sink;

    /// <inheritdoc/>
    public override string Description => "sealed result";

    /// <inheritdoc/>
    public override bool IsSealed => true;
}
