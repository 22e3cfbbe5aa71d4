using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A run of a plan wherever its stages ask to be: all of it in this process when they are open, else at a host and in enclaves,
/// with this process as the owner.
/// </summary>
public sealed class JobRun : IRun
{
    private readonly IRun _run;
    private readonly IBlobs? _snapshots;

    private JobRun(IRun run, IBlobs? snapshots) => (_run, _snapshots) = (run, snapshots);

    /// <inheritdoc/>
    public Task<RunReport> Completion => _run.Completion;

    /// <inheritdoc/>
    public SealedCoverage Coverage => _run.Coverage;

    /// <summary>
    /// Starts a plan. The secret stays the caller's and is not disposed before the run is. Throws <see cref="OwnerKeyException"/>
    /// when a stage is protected and there is no secret, or a broker and no stage for it, and <see cref="JobFailedException"/> for input that cannot be opened and the like.
    /// </summary>
    /// <param name="plan">What is run.</param>
    /// <param name="owner">The owner's secret; needed when a stage is protected.</param>
    /// <param name="options">How. An open run has no host, and makes no use of what is for one.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<JobRun> StartAsync(Plan plan, Secret? owner, OwnerRunOptions options, CancellationToken cancellationToken = default)
    {
        if (options.Broker is not null && !plan.Stages.Any(s => RunLayout.PlaceOf(s) == StagePlace.Enclave))
        {
            throw OwnerKeyException.Usage("--broker and --manifest are for keys of enclaves, and no stage of this job runs in one: add --protection enclave, or leave them out");
        }

        if (plan.Stages.FirstOrDefault(s => s.Protection != Protection.Open) is { } first)
        {
            return owner is not null || options.Broker is not null
                ? Made(new JobRun(ContinuedRun.Start(plan, owner, options), null), options)
                : throw OwnerKeyException.Usage(
                    $"the stage '{first.Name}' is to run {first.Protection.ToString().ToLowerInvariant()}, which needs the owner's key: --key FILE ('culvert keys new owner.key' makes one), or with sealed input and a sealed result the owner's broker: --broker URL");
        }

        IBlobs? snapshots = options.Snapshots is { } place ? SnapshotPlace.Open(place, options.SnapshotStore, options.OpenSnapshotStore) : null;
        try
        {
            RunOptions open = new()
            {
                Workers = options.Workers,
                Snapshots = snapshots,
                SnapshotInterval = options.SnapshotInterval,
                Resume = options.Resume,
                Clock = options.Clock,
                Entropy = options.Entropy,
            };
            return Made(new JobRun(await LocalRun.StartAsync(plan, open, cancellationToken).ConfigureAwait(false), snapshots), options);
        }
        catch
        {
            (snapshots as IDisposable)?.Dispose();
            throw;
        }
    }

    /// <summary>True when a run of this plan opens sealed input in this process, since the stages that read it are open.</summary>
    public static bool OpensSealedInput(Plan plan) =>
        plan.Stages.All(s => s.Protection == Protection.Open) && plan.Stages.Any(s => s.Source is { Source.IsSealed: true });

    private static JobRun Made(JobRun run, OwnerRunOptions options)
    {
        options.Coverage?.Of(run);
        return run;
    }

    /// <inheritdoc/>
    public void Stop() => _run.Stop();

    /// <inheritdoc/>
    public IReadOnlyList<StageProgress> Progress() => _run.Progress();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _run.DisposeAsync().ConfigureAwait(false);
        (_snapshots as IDisposable)?.Dispose();
    }
}
