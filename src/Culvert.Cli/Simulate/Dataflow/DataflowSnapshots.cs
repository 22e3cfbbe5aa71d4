using Culvert.Simulation;
using Culvert.Stages;

namespace Culvert.Cli.Simulate;

/// <summary>The snapshots of one life of a run: asked for at random times, written while the partitions go on, committed when all parts are stored.</summary>
internal sealed class DataflowSnapshots(DataflowRun run, SimulatedNode keeper, SinkStore sinks)
{
    private static readonly TimeSpan IntervalMax = TimeSpan.FromMilliseconds(8);

    private readonly HashSet<FrozenPartition> _unwritten = [];
    private readonly List<PartitionSnapshot> _stored = [];
    private SnapshotWriter _writer = null!; // from OpenAsync on, before which no partition works
    private int _finishedParts;

    internal async Task<RunSnapshot?> OpenAsync()
    {
        IBlobs disk = keeper.Mount(run.World.Disk(DataflowPlace.SnapshotDisk));
        Outcome<RunSnapshot> opened = await SnapshotReader.OpenLatestAsync(disk, run.Plan.Digest, CancellationToken.None).ConfigureAwait(false);
        if (opened.Succeeded)
        {
            run.World.Saw("resumed from a snapshot");
            keeper.Note($"resumes from {opened.Value.Round}");
            _writer = new SnapshotWriter(disk, opened.Value.Run, run.Plan.Digest, opened.Value);
            return opened.Value;
        }

        if (opened.Failure.Kind != FailureKind.Missing)
        {
            run.World.Fail($"the newest snapshot cannot be read: {opened.Failure.Message}");
        }

        await SnapshotWriter.ClearAsync(disk, CancellationToken.None).ConfigureAwait(false);
        byte[] id = new byte[16];
        keeper.Entropy.Fill(id);
        _writer = new SnapshotWriter(disk, new RunId(new UInt128(BitConverter.ToUInt64(id), BitConverter.ToUInt64(id, 8))), run.Plan.Digest);
        return null;
    }

    internal void RequestLater() => keeper.After(run.Dice.Between(TimeSpan.Zero, IntervalMax), Request);

    internal void Request()
    {
        if (run.IsDone || run.IntegrityError is not null || run.Schedule.Request() is not { } atOnce)
        {
            return;
        }

        keeper.Note($"asks for a snapshot of {run.Schedule.Barrier}");
        foreach (SimulatedPartition partition in run.Partitions.Where(p => atOnce.Contains(p.Step.Producer)))
        {
            Take(partition);
        }

        run.WakeAll();
    }

    internal void Take(SimulatedPartition partition)
    {
        FrozenPartition frozen = partition.Step.Freeze() with { Round = run.Schedule.Barrier!.Value };
        _unwritten.Add(frozen);
        _finishedParts += partition.Step.IsFinished ? 1 : 0;
        keeper.Note($"{frozen.Producer} takes its part in the snapshot of {frozen.Round}, at {partition.Step.CompletedRound}");
        keeper.Spawn(() => WriteAsync(frozen));
    }

    internal void Dispose()
    {
        foreach (FrozenPartition frozen in _unwritten)
        {
            Release(frozen);
        }

        _unwritten.Clear();
    }

    private async Task WriteAsync(FrozenPartition part)
    {
        _stored.Add(await _writer.WritePartitionAsync(part.Producer, part.Round, part.Meta, part.Tables, CancellationToken.None).ConfigureAwait(false));
        _unwritten.Remove(part);
        Release(part);
        if (run.Schedule.Stored(part.Producer))
        {
            await CommitAsync(part.Round).ConfigureAwait(false);
        }
    }

    private async Task CommitAsync(Round round)
    {
        if (run.Flaw?.CommitsBeforeSinksAreDurable != true)
        {
            sinks.MakeDurable();
        }

        bool coversEnd = _finishedParts == _stored.Count;
        await _writer.CommitAsync(round, _stored, default, CancellationToken.None).ConfigureAwait(false);
        _stored.Clear();
        _finishedParts = 0;
        run.Schedule.Done();
        run.World.Saw("snapshot committed");
        keeper.Note($"the snapshot of {round} is committed");
        if (coversEnd)
        {
            run.Complete();
        }
        else if (run.Schedule.AllFinished)
        {
            Request();
        }
        else
        {
            RequestLater();
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
