using System.Buffers.Binary;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// One execution of a plan by the workers of this process. Made by <see cref="StartAsync"/>; <see cref="Completion"/> ends
/// with a report, or with <see cref="JobFailedException"/>.
/// </summary>
public sealed class LocalRun : IRun
{
    private readonly Plan _plan;
    private readonly RunOptions _options;
    private readonly WorkerPool _workers;
    private readonly List<PartitionActor> _actors = [];
    private readonly Dictionary<StageId, ISource> _sources = [];
    private readonly SinkRoom _sinks = new();
    private readonly SnapshotKeeper? _keeper;
    private readonly SnapshotSchedule _schedule;
    private readonly Lock _scheduleLock = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource<RunReport> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _startedAt;
    private readonly Round? _resumedFrom;
    private int _unfinished;
    private volatile bool _stopRequested;
    private volatile bool _stopped;
    private Round _lastRound = Round.End; // no source starts a later round

    private LocalRun(Plan plan, RunOptions options, RunSnapshot? resumed)
    {
        _plan = plan;
        _options = options;
        _startedAt = options.Clock.Elapsed;
        _resumedFrom = resumed?.Round;
        _workers = new WorkerPool(options.Workers);
        try
        {
            OpenSources(resumed);
            BuildActors(resumed);
        }
        catch
        {
            Release();
            throw;
        }

        IEnumerable<Producer> finished = _actors.Where(a => a.Step.IsFinished).Select(a => a.Step.Producer);
        _unfinished = _actors.Count(a => !a.Step.IsFinished);
        _schedule = new SnapshotSchedule(_actors.Select(a => a.Step.Producer), resumed?.Round ?? Round.None, finished);
        RunId id = resumed?.Run ?? NewRunId(options.Entropy);
        _keeper = options.Snapshots is null
            ? null
            : new SnapshotKeeper(this, new SnapshotWriter(options.Snapshots, id, plan.Digest, resumed), _sinks, RunMeta.Write(
                plan.Stages.Where(s => s.Source is not null).Select(s => _sources[s.Id].Identity)));
    }

    /// <summary>Ends when the run does.</summary>
    public Task<RunReport> Completion => _completion.Task;

    /// <inheritdoc/>
    public SealedCoverage Coverage => new()
    {
        RowsRead = _actors.OfType<SourceActor>().Sum(a => a.Counts.Rows),
        Elapsed = _options.Clock.Elapsed - _startedAt,
        Inputs = [.. _sources.Values.OfType<SealedFileSource>().SelectMany(s => s.Inputs)],
    };

    internal bool IsStopped => _stopped;

    internal CancellationToken Cancelled => _cancel.Token;

    /// <summary>
    /// Starts a plan. Input that cannot be opened, a snapshot that does not fit and the like fail here, before anything is
    /// read, with <see cref="JobFailedException"/>.
    /// </summary>
    public static async Task<LocalRun> StartAsync(Plan plan, RunOptions options, CancellationToken cancellationToken = default)
    {
        foreach (Stage stage in plan.Stages)
        {
            if (stage.Protection != Protection.Open)
            {
                throw new JobFailedException($"the stage '{stage.Name}' asks for the protection {stage.Protection}, and this engine runs Open stages only");
            }
        }

        try
        {
            RunSnapshot? resumed = await SnapshotKeeper.OpenAsync(plan, options, cancellationToken).ConfigureAwait(false);
            LocalRun run = new(plan, options, resumed);
            run.Begin();
            return run;
        }
        catch (Exception failure) when (failure is SourceFailedException or StageFailedException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new JobFailedException(failure.Message, failure);
        }
    }

    /// <summary>
    /// Asks the run to end early: with snapshots, behind one that is taken now; without, at once. The report then says that
    /// it did not finish. Returns at once.
    /// </summary>
    public void Stop()
    {
        _stopRequested = true;
        if (_keeper is null)
        {
            End(null, finished: false);
        }
        else
        {
            RequestSnapshot();
        }
    }

    /// <summary>How far the stages have come.</summary>
    public IReadOnlyList<StageProgress> Progress()
    {
        List<StageProgress> progress = [];
        foreach (Stage stage in _plan.Stages)
        {
            PartitionActor[] actors = [.. _actors.Where(a => a.Step.Producer.Stage == stage.Id)];
            ISource? source = _sources.GetValueOrDefault(stage.Id);
            PartitionActor[] unfinished = [.. actors.Where(a => !a.Step.IsFinished)];
            progress.Add(new StageProgress(
                stage.Name,
                source is null ? actors.Sum(a => a.Step.Rows) : actors.OfType<SourceActor>().Sum(a => a.Counts.Rows),
                actors.OfType<SourceActor>().Sum(a => a.Counts.Bytes),
                source?.TotalBytes,
                unfinished.Length == 0 ? Round.End : unfinished.Min(a => a.Step.CompletedRound),
                unfinished.Length == 0 ? Watermark.End : unfinished.Min(a => a.Step.Watermark),
                actors.Sum(a => a.Step.LateEvents),
                actors.Sum(a => a.Step.StateBytes),
                unfinished.Length == 0));
        }

        return progress;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End(null, finished: false);
        try
        {
            await _completion.Task.ConfigureAwait(false);
        }
        catch (JobFailedException)
        {
            // Whoever awaits the completion is told.
        }

        _cancel.Dispose();
    }

    internal bool MayStartRound(Round round)
    {
        lock (_scheduleLock)
        {
            if (round > _lastRound)
            {
                return false;
            }

            _schedule.RoundStarts(round);
            return true;
        }
    }

    internal void RoundCompleted(PartitionActor actor)
    {
        bool takesPart;
        lock (_scheduleLock)
        {
            takesPart = _schedule.RoundCompleted(actor.Step.Producer, actor.Step.CompletedRound);
        }

        if (takesPart)
        {
            _keeper!.Take(actor);
        }
    }

    internal void PartitionFinished(PartitionActor actor)
    {
        bool takesPart;
        lock (_scheduleLock)
        {
            takesPart = _schedule.Finished(actor.Step.Producer);
        }

        if (takesPart)
        {
            _keeper!.Take(actor);
        }

        if (Interlocked.Decrement(ref _unfinished) == 0)
        {
            AllFinished();
        }
    }

    internal void RequestSnapshot()
    {
        IReadOnlyList<Producer>? atOnce;
        lock (_scheduleLock)
        {
            atOnce = _schedule.Request();
            if (_stopRequested && _schedule.Barrier is { } barrier && atOnce is not null)
            {
                _lastRound = barrier;
            }
        }

        if (atOnce is null)
        {
            return;
        }

        foreach (PartitionActor actor in _actors)
        {
            if (atOnce.Contains(actor.Step.Producer))
            {
                _keeper!.Take(actor);
            }
            else
            {
                actor.Schedule();
            }
        }
    }

    /// <summary>A partition's part is stored; true when the snapshot is to be committed.</summary>
    internal bool PartStored(Producer producer)
    {
        lock (_scheduleLock)
        {
            return _schedule.Stored(producer);
        }
    }

    internal Round Barrier
    {
        get
        {
            lock (_scheduleLock)
            {
                return _schedule.Barrier ?? throw new InvalidOperationException("no snapshot is under way");
            }
        }
    }

    /// <summary>A snapshot is committed: end if that is what was waited for.</summary>
    internal void SnapshotDone()
    {
        bool final;
        bool behindLast;
        lock (_scheduleLock)
        {
            final = _schedule.AllFinished && _keeper!.CoversEnd;
            behindLast = _schedule.Barrier is { } barrier && barrier >= _lastRound;
            _schedule.Done();
        }

        if (final)
        {
            End(null, finished: true);
        }
        else if (behindLast)
        {
            End(null, finished: false);
        }
        else if (Volatile.Read(ref _unfinished) == 0 || _stopRequested)
        {
            RequestSnapshot();
        }
    }

    internal void Fail(PartitionActor? actor, Exception failure)
    {
        string stage = actor is null ? "" : _plan.Stages[actor.Step.Producer.Stage.Value].Name;
        End(
            failure switch
            {
                JobFailedException known => known,
                RowFailedException row => new JobFailedException(RowFailure.Describe(row, stage), failure),
                SourceFailedException or StageFailedException or IOException or UnauthorizedAccessException or StateLimitException =>
                    new JobFailedException(failure.Message, failure),
                OperationCanceledException => new JobFailedException("the run was cancelled", failure),
                _ => new JobFailedException($"{(stage.Length == 0 ? "" : $"{stage}: ")}{failure.GetType().Name}: {failure.Message}", failure),
            },
            finished: false);
    }

    private static RunId NewRunId(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[16];
        entropy.Fill(bytes);
        return new RunId(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    private void Begin()
    {
        _workers.Start();
        foreach (PartitionActor actor in _actors)
        {
            actor.Schedule();
        }

        if (_unfinished == 0)
        {
            End(null, finished: true);
            return;
        }

        _keeper?.Start(_options.Clock, _options.SnapshotInterval);
    }

    private void AllFinished()
    {
        if (_keeper is null)
        {
            End(null, finished: true);
        }
        else
        {
            // What a resumed run finds is then the end, and it has nothing to do again. If one is under way, it comes next.
            RequestSnapshot();
        }
    }

    private void OpenSources(RunSnapshot? resumed)
    {
        List<ReadOnlyMemory<byte>>? identities = resumed is null ? null : RunMeta.Read(resumed.Meta);
        int index = 0;
        foreach (Stage stage in _plan.Stages)
        {
            if (stage.Source is not { } node)
            {
                continue;
            }

            ISource source = SourceOpening.Open(node, _options.Clock);
            _sources.Add(stage.Id, source);
            if (identities is not null)
            {
                Outcome<bool> same = source.CheckIdentity(identities[index].Span);
                if (!same.Succeeded)
                {
                    throw new JobFailedException($"cannot resume: {same.Failure.Message}");
                }
            }

            index++;
        }
    }

    private void BuildActors(RunSnapshot? resumed)
    {
        LocalRouter router = new(_plan);
        Dictionary<Producer, RestoredPartition> restored = resumed?.Partitions.ToDictionary(p => p.Producer) ?? [];
        foreach (Stage stage in _plan.Stages)
        {
            for (int p = 0; p < stage.PartitionCount; p++)
            {
                PartitionId partition = new(p);
                PartitionState? state = null;
                ReadOnlyMemory<byte> position = default;
                if (resumed is not null)
                {
                    RestoredPartition part = restored[new Producer(stage.Id, partition)];
                    (position, ReadOnlyMemory<byte> step) = RunMeta.ReadPartition(part.Meta);
                    state = new PartitionState(step, part.Tables.ToDictionary(t => t.Name, t => t.Table));
                }

                if (_sources.TryGetValue(stage.Id, out ISource? source))
                {
                    _actors.Add(new SourceActor(
                        this, _workers, _plan, stage.Id, partition, router, _sinks, source, _options.Clock, state, position.Span));
                }
                else
                {
                    StageActor actor = new(this, _workers, _plan, stage.Id, partition, router, _sinks, state);
                    _actors.Add(actor);
                    router.Add(actor);
                }
            }
        }

        foreach (PartitionActor actor in _actors)
        {
            StageId id = actor.Step.Producer.Stage;
            HashSet<StageId> after = [.. _plan.Edges.Where(e => e.From == id).Select(e => e.To)];
            HashSet<StageId> before = [.. _plan.Edges.Where(e => e.To == id).Select(e => e.From)];
            actor.Connect(
                [.. _actors.Where(a => after.Contains(a.Step.Producer.Stage))],
                [.. _actors.Where(a => before.Contains(a.Step.Producer.Stage))]);
        }
    }

    private void End(JobFailedException? failure, bool finished)
    {
        lock (_scheduleLock)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
        }

        _cancel.Cancel();
        // Not on this thread: it may be a worker's, and the workers are waited for.
        _ = Task.Run(async () =>
        {
            _workers.Dispose();
            if (_keeper is not null)
            {
                await _keeper.DisposeAsync().ConfigureAwait(false);
            }

            RunReport report = new(
                finished,
                _actors.OfType<SourceActor>().Sum(a => a.Counts.Rows),
                _actors.OfType<SourceActor>().Sum(a => a.Counts.Malformed),
                _actors.Sum(a => a.Step.LateEvents),
                _options.Clock.Elapsed - _startedAt,
                _resumedFrom)
            {
                MalformedPlaces = MalformedPlaces(),
            };
            if (failure is not null || !finished)
            {
                _sinks.Fail(failure as Exception ?? new OperationCanceledException("the run was stopped before its end"));
            }

            try
            {
                Release();
            }
            catch (Exception late) when (failure is null)
            {
                failure = new JobFailedException(late.Message, late);
            }
            catch (Exception)
            {
                // The first failure is the one to tell.
            }

            if (failure is null)
            {
                _completion.TrySetResult(report);
            }
            else
            {
                _completion.TrySetException(failure);
            }
        });
    }

    /// <summary>Files are read again to number lines: where one is gone by now, the count has to do.</summary>
    private List<string> MalformedPlaces()
    {
        try
        {
            return [.. _sources.Values.OfType<CsvSource>().SelectMany(s => s.MalformedRows.First)];
        }
        catch (Exception failure) when (failure is SourceFailedException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private void Release()
    {
        foreach (PartitionActor actor in _actors)
        {
            actor.Dispose();
        }

        foreach (ISource source in _sources.Values)
        {
            source.Dispose();
        }
    }
}
