using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>What a manifest takes from a plan: its name, and which keys each of its enclave stages needs. Immutable.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Stages">The stages that run in enclaves, with their keys; whatever they accept is not the plan's to say.</param>
public sealed record PlanKeys(string Job, PlanDigest Plan, ImmutableArray<ManifestStage> Stages)
{
    /// <summary>Of a plan that was compiled here. Throws <see cref="JobFailedException"/> when no stage of it runs in an enclave.</summary>
    public static PlanKeys Of(Plan plan)
    {
        ImmutableArray<ManifestStage> stages =
            [.. plan.Stages.Where(stage => RunLayout.PlaceOf(stage) == StagePlace.Enclave).Select(stage => StageKeys.Of(plan, stage.Id))];
        return !stages.IsEmpty
            ? new PlanKeys(plan.JobName, plan.Digest, stages)
            : throw new JobFailedException($"no stage of the job {plan.JobName} runs in an enclave, so there are no keys to release (--protection enclave lets stages run there)");
    }

    /// <summary>Of a plan that a job program compiled, as the draft says that it wrote (docs/specs/manifest.md, Drafts).</summary>
    public static PlanKeys Of(Manifest draft) => new(draft.Job, draft.Plan, draft.Stages);

    /// <summary>The stages as a manifest has them that accepts the same code for each.</summary>
    internal ImmutableArray<ManifestStage> Accepting(ImmutableArray<AcceptedMeasurement> accepted, int activationsMax) =>
        [.. Stages.Select(stage => stage with { Accepted = accepted, ActivationsMax = activationsMax })];
}
