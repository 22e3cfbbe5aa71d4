using Culvert.Enclaves;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Writes what partitions froze, on a thread of its own, and commits a snapshot when all its parts are stored. When each
/// is due is decided by <see cref="SnapshotSchedule"/>.
/// </summary>
internal sealed class SnapshotKeeper : IAsyncDisposable
{
    private readonly LocalRun _run;
    private readonly SnapshotWriter _writer;
    private readonly SinkRoom _sinks;
    private readonly byte[] _meta;
    private readonly System.Threading.Channels.Channel<(FrozenPartition Part, bool Finished)> _parts = System.Threading.Channels.Channel.CreateUnbounded<(FrozenPartition, bool)>();
    private readonly CancellationTokenSource _cancel = new();
    private readonly List<PartitionSnapshot> _stored = [];
    private IClock _clock = MachineClock.Instance;
    private TimeSpan _interval;
    private int _finishedParts;
    private Task _writing = Task.CompletedTask;
    private Task _timing = Task.CompletedTask;

    internal SnapshotKeeper(LocalRun run, SnapshotWriter writer, SinkRoom sinks, byte[] meta)
    {
        (_run, _writer, _sinks, _meta) = (run, writer, sinks, meta);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>True when the snapshot just committed has every partition at its end.</summary>
    internal bool CoversEnd { get; private set; }

    /// <summary>Opens the snapshot that a run goes on from, or makes sure that a new run has the place to itself.</summary>
    internal static async Task<RunSnapshot?> OpenAsync(Plan plan, RunOptions options, CancellationToken cancellationToken)
    {
        if (options.Snapshots is not { } blobs)
        {
            return options.Resume
                ? throw new JobFailedException("there is nothing to resume from: say where the snapshots are")
                : null;
        }

        foreach (Stage stage in plan.Stages)
        {
            if (stage.Source?.Source is { } spec && !spec.IsReplayable)
            {
                throw new JobFailedException(spec is SequenceSourceSpec { NotReplayableBecause: { } reason }
                    ? $"a run of this job cannot be resumed, so leave the snapshots out: {reason}"
                    : $"the source {spec.Description} cannot be read again, so a run of it cannot be resumed: leave the snapshots out, or copy the input to a file first");
            }
        }

        if (!options.Resume)
        {
            await SnapshotWriter.ClearAsync(blobs, cancellationToken).ConfigureAwait(false);
            return null;
        }

        Outcome<RunSnapshot> opened = await SnapshotReader.OpenLatestAsync(blobs, plan.Digest, cancellationToken).ConfigureAwait(false);
        return opened.Succeeded ? opened.Value : throw new JobFailedException($"cannot resume: {opened.Failure.Message}");
    }

    /// <summary>Begins to ask for snapshots, one interval after another.</summary>
    internal void Start(IClock clock, TimeSpan interval)
    {
        (_clock, _interval) = (clock, interval);
        _timing = Task.Run(RequestLaterAsync);
    }

    /// <summary>Freezes a partition; called by the worker that runs it, or when it has finished.</summary>
    internal void Take(PartitionActor actor)
    {
        FrozenPartition frozen = actor.Step.Freeze();
        byte[] meta = RunMeta.WritePartition(actor.SourcePosition, frozen.Meta);
        _parts.Writer.TryWrite((frozen with { Meta = meta, Round = _run.Barrier }, actor.Step.IsFinished));
    }

    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync().ConfigureAwait(false);
        _parts.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        await _timing.ConfigureAwait(false);
        while (_parts.Reader.TryRead(out (FrozenPartition Part, bool Finished) left))
        {
            Release(left.Part);
        }

        _cancel.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach ((FrozenPartition part, bool finished) in _parts.Reader.ReadAllAsync(_cancel.Token).ConfigureAwait(false))
            {
                try
                {
                    _stored.Add(await _writer.WritePartitionAsync(
                        part.Producer, part.Round, part.Meta, part.Tables, _cancel.Token).ConfigureAwait(false));
                }
                finally
                {
                    Release(part);
                }

                _finishedParts += finished ? 1 : 0;
                if (_run.PartStored(part.Producer))
                {
                    await CommitAsync(part.Round).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over; the last committed snapshot counts.
        }
        catch (Exception failure)
        {
            _run.Fail(null, new JobFailedException($"the snapshot cannot be written: {failure.Message}", failure));
        }
    }

    private async Task CommitAsync(Round round)
    {
        _sinks.MakeDurable();
        bool coversEnd = _finishedParts == _stored.Count;
        await _writer.CommitAsync(round, _stored, _meta, _cancel.Token).ConfigureAwait(false);
        CoversEnd = coversEnd;
        _stored.Clear();
        _finishedParts = 0;
        _run.SnapshotDone();
        if (_interval > TimeSpan.Zero || !CoversEnd)
        {
            _timing = _timing.ContinueWith(_ => RequestLaterAsync(), TaskScheduler.Default).Unwrap();
        }
    }

    private async Task RequestLaterAsync()
    {
        try
        {
            await _clock.Delay(_interval, _cancel.Token).ConfigureAwait(false);
            _run.RequestSnapshot();
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private static void Release(FrozenPartition part)
    {
        foreach ((string _, StateVersion version) in part.Tables)
        {
            version.Dispose();
        }
    }
}
