using System.Buffers;
using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// What an owner gives a worker: the plan, the run, and the keys of the stages that it may hold, and nothing else
/// (docs/keys.md). Owns the secrets.
/// </summary>
public sealed class WorkerSetup : IDisposable
{
    /// <summary>The plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>Keys of the sealed edges at the worker's stages, in key epoch 0.</summary>
    public required ImmutableDictionary<EdgeId, Secret> EdgeKeys { get; init; }

    /// <summary>Keys by which rows are given to partitions, for the sealed edges that leave the worker's stages by key.</summary>
    public required ImmutableDictionary<EdgeId, Secret> DispatchKeys { get; init; }

    /// <summary>Keys of the stages' snapshots.</summary>
    public required ImmutableDictionary<StageId, Secret> StateKeys { get; init; }

    /// <summary>Names the inputs; keys and states of a run over other inputs are others.</summary>
    public required byte[] Binding { get; init; }

    /// <summary>Bytes of keyed state that stay inside; the rest is paged out sealed. 0: all of it stays.</summary>
    public long StateBytesMax { get; init; }

    /// <summary>The sealed files that sources read, by source stage, in order.</summary>
    public ImmutableDictionary<StageId, ImmutableArray<SealedStream>> Inputs { get; init; } = ImmutableDictionary<StageId, ImmutableArray<SealedStream>>.Empty;

    /// <summary>The sealed result that the job's sealed sink writes, or null.</summary>
    public SealedStream? Output { get; init; }

    /// <summary>
    /// The edge from a stage's partitions to the owner, behind the plan's own: counts, and what went wrong, sealed since both
    /// tell of the data, under a key of the stage's own.
    /// </summary>
    public static EdgeId ReportEdge(Plan plan, StageId stage) => new(plan.Edges.Length + stage.Value);

    /// <summary>Whether an edge carries a stage's reports.</summary>
    public static bool IsReportEdge(Plan plan, EdgeId edge) => edge.Value >= plan.Edges.Length && edge.Value < plan.Edges.Length + plan.Stages.Length;

    /// <summary>
    /// What the owner's secret gives the stages that <paramref name="holds"/> says: all of a stage's edges, its state, and the
    /// edge of its reports; the owner's own worker (<paramref name="isOwner"/>) reads the reports of all stages.
    /// </summary>
    public static WorkerSetup Derive(Secret owner, Plan plan, RunId run, byte[] binding, Func<Stage, bool> holds, bool isOwner = false)
    {
        using Secret runKey = KeySchedule.RunKey(owner, run, plan.Digest, binding);
        ImmutableDictionary<EdgeId, Secret>.Builder edges = ImmutableDictionary.CreateBuilder<EdgeId, Secret>();
        ImmutableDictionary<EdgeId, Secret>.Builder dispatch = ImmutableDictionary.CreateBuilder<EdgeId, Secret>();
        ImmutableDictionary<StageId, Secret>.Builder states = ImmutableDictionary.CreateBuilder<StageId, Secret>();
        Func<EdgeId, bool> isSealed = SealedEdges.AreSealed(plan);
        foreach (Edge edge in plan.Edges)
        {
            bool sends = holds(plan.Stages[edge.From.Value]);
            if (isSealed(edge.Id) && (sends || holds(plan.Stages[edge.To.Value])))
            {
                edges.Add(edge.Id, KeySchedule.EdgeKey(runKey, edge.Id, new KeyEpoch(0)));
                if (sends && edge.Dispatch == Dispatch.ByKey)
                {
                    dispatch.Add(edge.Id, KeySchedule.DispatchKey(runKey, edge.Id));
                }
            }
        }

        foreach (Stage stage in plan.Stages.Where(s => isOwner || holds(s)))
        {
            edges.Add(ReportEdge(plan, stage.Id), KeySchedule.EdgeKey(runKey, ReportEdge(plan, stage.Id), new KeyEpoch(0)));
        }

        foreach (Stage stage in plan.Stages.Where(holds))
        {
            states.Add(stage.Id, KeySchedule.StateKey(owner, plan.Digest.ToBytes(), stage.Id, new KeyEpoch(0)));
        }

        return new WorkerSetup
        {
            Plan = plan,
            Run = run,
            Binding = binding,
            EdgeKeys = edges.ToImmutable(),
            DispatchKeys = dispatch.ToImmutable(),
            StateKeys = states.ToImmutable(),
        };
    }

    /// <summary>The keys that the owner's secret gives for files, added.</summary>
    public WorkerSetup WithFiles(
        ImmutableDictionary<StageId, ImmutableArray<SealedStream>> inputs, SealedStream? output, long? stateBytesMax = null) => new()
        {
            Plan = Plan,
            Run = Run,
            Binding = Binding,
            StateBytesMax = stateBytesMax ?? 0,
            EdgeKeys = EdgeKeys,
            DispatchKeys = DispatchKeys,
            StateKeys = StateKeys,
            Inputs = inputs,
            Output = output,
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Secret secret in EdgeKeys.Values.Concat(DispatchKeys.Values).Concat(StateKeys.Values)
            .Concat(Inputs.Values.SelectMany(i => i).Select(s => s.Key)))
        {
            secret.Dispose();
        }

        Output?.Key.Dispose();
    }
}

/// <summary>A sealed file or result that a worker reads or writes.</summary>
/// <param name="Id">Its stream.</param>
/// <param name="Key">Its key.</param>
/// <param name="Header">For a result: the header with which the owner began it.</param>
public sealed record SealedStream(StreamId Id, Secret Key, ReadOnlyMemory<byte> Header = default)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"stream {Id}";
}
