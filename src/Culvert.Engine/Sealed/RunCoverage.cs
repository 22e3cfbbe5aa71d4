using Culvert.Sealing;

namespace Culvert.Engine;

/// <summary>
/// What a result covers that is sealed in this process: made before the run, since the run's plan has the sink, and told of the
/// run when it has started. Thread safe.
/// </summary>
public sealed class RunCoverage
{
    private readonly TaskCompletionSource<IRun> _run = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The coverage as it is now. Waits for the run to have started, which it has when rows come of it.</summary>
    public SealedCoverage Now() => _run.Task.GetAwaiter().GetResult().Coverage;

    /// <summary>Names the run.</summary>
    public void Of(IRun run) => _run.TrySetResult(run);
}
