using System.Collections.Immutable;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// Which keys a stage needs, by the numbers of what they seal: so a manifest allows just what a worker is given. No key is in it.
/// </summary>
/// <param name="Stage">The stage.</param>
/// <param name="Edges">The sealed edges at it, those that it reads and those that it sends on, by number.</param>
/// <param name="Reports">The edge of its reports to the owner.</param>
public sealed record StageKeys(StageId Stage, ImmutableArray<StageEdgeKeys> Edges, EdgeId Reports)
{
    /// <summary>The keys that a stage of a plan needs.</summary>
    public static StageKeys Of(Plan plan, StageId stage)
    {
        Func<EdgeId, bool> isSealed = SealedEdges.AreSealed(plan);
        return new(
            stage,
            [
                .. plan.Edges
                    .Where(edge => isSealed(edge.Id) && (edge.From == stage || edge.To == stage))
                    .Select(edge => new StageEdgeKeys(edge.Id, edge.From == stage && edge.Dispatch == Dispatch.ByKey)),
            ],
            WorkerSetup.ReportEdge(plan, stage));
    }
}

/// <summary>A sealed edge at a stage.</summary>
/// <param name="Id">Its number.</param>
/// <param name="DispatchesByKey">The stage sends on it by key, and so needs the key of the partition function.</param>
public readonly record struct StageEdgeKeys(EdgeId Id, bool DispatchesByKey);
