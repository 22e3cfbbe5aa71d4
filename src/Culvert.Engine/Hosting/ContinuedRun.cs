using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A run under a manifest, from one key epoch to the next: when a later version takes nothing of it back, it ends behind a
/// snapshot and is resumed, so that all its enclaves are attested again and write under the new epoch's keys.
/// </summary>
internal sealed class ContinuedRun : IRun
{
    private readonly Lock _lock = new();
    private readonly Plan _plan;
    private readonly Secret? _owner;
    private readonly OwnerRunOptions _options;
    private readonly TimeSpan _startedAt;
    private OwnerRun _run;
    private bool _stopped;

    private ContinuedRun(Plan plan, Secret? owner, OwnerRunOptions options)
    {
        HashSet<string> said = [];
        (_plan, _owner, _startedAt) = (plan, owner, options.Clock.Elapsed);
        _options = options with
        {
            Warn = text =>
            {
                if (said.Add(text))
                {
                    options.Warn(text);
                }
            },
        };
        _run = OwnerRun.Start(plan, owner, _options);
        Completion = GoOnAsync();
    }

    public Task<RunReport> Completion { get; }

    public SealedCoverage Coverage => Current.Coverage;

    private OwnerRun Current
    {
        get
        {
            lock (_lock)
            {
                return _run;
            }
        }
    }

    /// <summary>As <see cref="OwnerRun.Start"/>.</summary>
    internal static ContinuedRun Start(Plan plan, Secret? owner, OwnerRunOptions options) => new(plan, owner, options);

    public void Stop()
    {
        OwnerRun run;
        lock (_lock)
        {
            _stopped = true;
            run = _run;
        }

        run.Stop();
    }

    public IReadOnlyList<StageProgress> Progress() => Current.Progress();

    public async ValueTask DisposeAsync()
    {
        if (!Completion.IsCompleted)
        {
            Stop();
        }

        try
        {
            await Completion.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whoever awaits the completion is told.
        }

        await Current.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<RunReport> GoOnAsync()
    {
        while (true)
        {
            OwnerRun run = Current;
            RunReport report = await run.Completion.ConfigureAwait(false);
            if (!run.EndedForNextEpoch)
            {
                return report with { Elapsed = _options.Clock.Elapsed - _startedAt };
            }

            await run.DisposeAsync().ConfigureAwait(false);
            _options.Warn("the manifest has a later version, which takes nothing of this run back: it goes on from a snapshot, in the next key epoch");
            OwnerRun next;
            try
            {
                next = OwnerRun.Start(_plan, _owner, _options with { Resume = true });
            }
            catch (Exception failure)
            {
                run.Abandon(failure);
                throw;
            }

            bool stopped;
            lock (_lock)
            {
                (_run, stopped) = (next, _stopped);
            }

            if (stopped)
            {
                next.Stop();
            }
        }
    }
}
