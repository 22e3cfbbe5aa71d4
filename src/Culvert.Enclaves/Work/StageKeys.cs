using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>Which keys a stage of a plan needs: what a manifest says of it, and what an owner derives without one.</summary>
public static class StageKeys
{
    /// <summary>The edge of a stage's reports to the owner, behind the plan's own.</summary>
    public static EdgeId ReportEdge(Plan plan, StageId stage) => new(plan.Edges.Length + stage.Value);

    /// <summary>
    /// A stage's part of a manifest, without the code that is accepted. A stage that writes the sealed result may read the ends of the inputs, since the result
    /// names them.
    /// </summary>
    public static ManifestStage Of(Plan plan, StageId stage)
    {
        Stage planned = plan.Stages[stage.Value];
        Func<EdgeId, bool> isSealed = SealedEdges.AreSealed(plan);
        bool writesResult = SealedStream.ResultStage(plan)?.Id == stage;
        return new ManifestStage
        {
            Id = stage,
            Name = planned.Name,
            Accepted = [],
            Edges =
            [
                .. plan.Edges
                    .Where(edge => isSealed(edge.Id) && (edge.From == stage || edge.To == stage))
                    .Select(edge => new StageEdge(edge.Id, edge.From == stage && edge.Dispatch == Dispatch.ByKey)),
            ],
            Reports = ReportEdge(plan, stage),
            HoldsState = true, // any stage may: snapshots hold counters and open rounds too
            ReadsInputs = planned.Source is { Source.IsSealed: true } || (writesResult && plan.Stages.Any(s => s.Source is { Source.IsSealed: true })),
            WritesResult = writesResult,
        };
    }

    /// <summary>
    /// What an owner's secret gives a stage in a run without a manifest; the caller disposes it. A source gets the keys of its
    /// own files, whoever writes the result those of all.
    /// </summary>
    public static KeyBundle Derive(Secret owner, WorkerTask task, KeyLineage lineage, StageId stage)
    {
        ManifestStage keys = Of(task.Plan, stage);
        return KeyDerivation.Of(
            owner, lineage.Id.AsSpan(), keys, task.Plan.Digest, task.Run, task.Inputs.AsSpan(), lineage.Epoch,
            task.Files.Where(files => keys.WritesResult || files.Key == stage).SelectMany(files => files.Value), task.Output);
    }
}
