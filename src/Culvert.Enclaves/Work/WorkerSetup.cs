using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// What a worker works with: its task, and the keys of the stages that it may hold and nothing else (docs/keys.md). Owns the
/// secrets.
/// </summary>
public sealed class WorkerSetup : IDisposable
{
    private readonly List<Secret> _secrets = [];

    private WorkerSetup(WorkerTask task, KeyEpoch epoch) => (Task, Epoch) = (task, epoch);

    /// <summary>What is to be done.</summary>
    public WorkerTask Task { get; }

    /// <summary>The plan.</summary>
    public Plan Plan => Task.Plan;

    /// <summary>The run.</summary>
    public RunId Run => Task.Run;

    /// <summary>The key epoch of the run.</summary>
    public KeyEpoch Epoch { get; }

    /// <summary>Keys of the sealed edges at the worker's stages.</summary>
    public ImmutableDictionary<EdgeId, Secret> EdgeKeys { get; private init; } = ImmutableDictionary<EdgeId, Secret>.Empty;

    /// <summary>Keys by which rows are given to partitions, for the sealed edges that leave the worker's stages by key.</summary>
    public ImmutableDictionary<EdgeId, Secret> DispatchKeys { get; private init; } = ImmutableDictionary<EdgeId, Secret>.Empty;

    /// <summary>Keys of the stages' snapshots, the newest epoch's first: it is written with. A stage is held only with these.</summary>
    public ImmutableDictionary<StageId, ImmutableArray<Secret>> StateKeys { get; private init; } = ImmutableDictionary<StageId, ImmutableArray<Secret>>.Empty;

    /// <summary>The sealed files that sources read, by source stage, in order.</summary>
    public ImmutableDictionary<StageId, ImmutableArray<SealedStream>> Inputs { get; private init; } = ImmutableDictionary<StageId, ImmutableArray<SealedStream>>.Empty;

    /// <summary>The sealed result that the job's sealed sink writes, or null.</summary>
    public SealedStream? Output { get; private init; }

    /// <summary>Blinds what partitions state of the result; null when they state nothing.</summary>
    public Secret? ProofSalt { get; private init; }

    /// <summary>What the keys were released for; null at the owner, who needs no release.</summary>
    public ReleaseBinding? Release { get; private init; }

    /// <summary>Signs what partitions state; null when nothing is released. Stays its maker's.</summary>
    public ECDsa? Signer { get; private init; }

    /// <summary>
    /// The edge from a stage's partitions to the owner, behind the plan's own: counts, and what went wrong, sealed since both
    /// tell of the data, under a key of the stage's own.
    /// </summary>
    public static EdgeId ReportEdge(Plan plan, StageId stage) => StageKeys.ReportEdge(plan, stage);

    /// <summary>Whether an edge carries a stage's reports.</summary>
    public static bool IsReportEdge(Plan plan, EdgeId edge) => edge.Value >= plan.Edges.Length && edge.Value < plan.Edges.Length + plan.Stages.Length;

    /// <summary>
    /// A task with released keys, which are copied. Refuses keys of another plan, run or epoch than the task's, and files whose
    /// keys did not come.
    /// </summary>
    public static Outcome<WorkerSetup> Of(WorkerTask task, ReleaseBinding binding, IReadOnlyList<KeyBundle> bundles, ECDsa? signer)
    {
        KeyBundle? other = bundles.FirstOrDefault(b => b.Plan != task.Plan.Digest || b.Run != task.Run || b.Epoch != binding.Epoch || b.Stage.Value >= task.Plan.Stages.Length);
        if (other is not null)
        {
            return new Failure(FailureKind.Integrity, $"the keys of stage {other.Stage.Value} are of another plan, run or key epoch than the task");
        }

        return Collect(task, binding.Epoch, bundles, binding, signer);
    }

    /// <summary>
    /// What an owner's secret gives the stages that <paramref name="holds"/> says: for the owner's own worker
    /// (<paramref name="readsReports"/>: it gets the keys of all stages' reports), and for workers that nothing attests.
    /// </summary>
    public static WorkerSetup Derive(Secret owner, WorkerTask task, KeyLineage lineage, Func<Stage, bool> holds, bool readsReports = false)
    {
        List<KeyBundle> bundles = [.. task.Plan.Stages.Where(holds).Select(stage => StageKeys.Derive(owner, task, lineage, stage.Id))];
        try
        {
            WorkerSetup setup = Collect(task, lineage.Epoch, bundles, null, null);
            return readsReports ? setup.WithReports(owner) : setup;
        }
        finally
        {
            bundles.ForEach(bundle => bundle.Dispose());
        }
    }

    /// <summary>A task of somebody who has no key: nothing can be held, opened or sealed with it.</summary>
    public static WorkerSetup WithoutKeys(WorkerTask task, KeyEpoch epoch) => new(task, epoch);

    /// <inheritdoc/>
    public void Dispose() => _secrets.ForEach(secret => secret.Dispose());

    private static WorkerSetup Collect(WorkerTask task, KeyEpoch epoch, IReadOnlyList<KeyBundle> bundles, ReleaseBinding? release, ECDsa? signer)
    {
        List<Secret> copies = [];
        Secret Copy(Secret secret)
        {
            Secret copy = Secret.CopyOf(secret.Bytes);
            copies.Add(copy);
            return copy;
        }

        ImmutableDictionary<EdgeId, Secret>.Builder edges = ImmutableDictionary.CreateBuilder<EdgeId, Secret>();
        ImmutableDictionary<EdgeId, Secret>.Builder dispatch = ImmutableDictionary.CreateBuilder<EdgeId, Secret>();
        ImmutableDictionary<StageId, ImmutableArray<Secret>>.Builder states = ImmutableDictionary.CreateBuilder<StageId, ImmutableArray<Secret>>();
        Dictionary<StreamId, Secret> files = [];
        foreach (KeyBundle bundle in bundles)
        {
            // Two stages at the ends of one edge bring the same key of it.
            foreach ((EdgeId edge, Secret key) in bundle.Edges.Where(e => !edges.ContainsKey(e.Key)))
            {
                edges.Add(edge, Copy(key));
            }

            foreach ((EdgeId edge, Secret key) in bundle.Dispatch.Where(e => !dispatch.ContainsKey(e.Key)))
            {
                dispatch.Add(edge, Copy(key));
            }

            foreach ((StreamId stream, Secret key) in bundle.Inputs.Where(s => !files.ContainsKey(s.Key)))
            {
                files.Add(stream, Copy(key));
            }

            states.Add(bundle.Stage, [.. bundle.State.Reverse().Select(state => Copy(state.Value))]);
        }

        Secret? output = bundles.FirstOrDefault(b => b.Output is not null)?.Output;
        WorkerSetup setup = new(task, epoch)
        {
            EdgeKeys = edges.ToImmutable(),
            DispatchKeys = dispatch.ToImmutable(),
            StateKeys = states.ToImmutable(),
            Inputs = task.Files
                .Where(stage => stage.Value.All(files.ContainsKey))
                .ToImmutableDictionary(stage => stage.Key, stage => stage.Value.Select(stream => new SealedStream(stream, files[stream])).ToImmutableArray()),
            Output = output is not null && task.Output is { } result ? SealedStream.OfResult(task, result, Copy(output)) : null,
            ProofSalt = task.Proves && bundles.Count > 0 ? Copy(bundles[0].ProofSalt) : null,
            Release = release,
            Signer = signer,
        };
        setup._secrets.AddRange(copies);
        return setup;
    }

    private WorkerSetup WithReports(Secret owner)
    {
        using Secret run = KeySchedule.RunKey(owner, Run, Plan.Digest, Task.Inputs.AsSpan());
        ImmutableDictionary<EdgeId, Secret>.Builder edges = EdgeKeys.ToBuilder();
        foreach (Stage stage in Plan.Stages.Where(stage => !edges.ContainsKey(ReportEdge(Plan, stage.Id))))
        {
            Secret key = KeySchedule.EdgeKey(run, ReportEdge(Plan, stage.Id), Epoch);
            _secrets.Add(key);
            edges.Add(ReportEdge(Plan, stage.Id), key);
        }

        WorkerSetup with = new(Task, Epoch)
        {
            EdgeKeys = edges.ToImmutable(),
            DispatchKeys = DispatchKeys,
            StateKeys = StateKeys,
            Inputs = Inputs,
            Output = Output,
            ProofSalt = ProofSalt,
        };
        with._secrets.AddRange(_secrets);
        return with;
    }
}
