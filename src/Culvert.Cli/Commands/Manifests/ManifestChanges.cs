using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>What the next version of a manifest is to say otherwise than the one before. What is not named stays.</summary>
internal sealed record ManifestChanges
{
    /// <summary>The shortest beginning of a measured value that stands for the whole.</summary>
    private const int PrefixMin = 8;

    internal required DateTimeOffset Now { get; init; }

    internal DateTimeOffset? NotAfter { get; init; }

    internal bool? AllowSimulation { get; init; }

    /// <summary>Another plan of the same job.</summary>
    internal PlanKeys? Plan { get; init; }

    /// <summary>With <see cref="Plan"/>: the sealed files that it may read.</summary>
    internal ImmutableArray<StreamId>? Inputs { get; init; }

    internal ImmutableArray<AcceptedMeasurement> Added { get; init; } = [];

    internal ImmutableArray<string> Removed { get; init; } = [];

    internal ImmutableArray<string> RevokedMeasurements { get; init; } = [];

    internal ImmutableArray<string> RevokedChips { get; init; } = [];

    internal bool RevokesJob { get; init; }

    internal ImmutableArray<string> Platforms { get; init; } = [];

    internal ImmutableArray<string> ToleratedAdvisories { get; init; } = [];

    internal ImmutableArray<string> AcceptedTcbStatuses { get; init; } = [];

    internal int? ActivationsMax { get; init; }

    internal int? Epoch { get; init; }

    internal UpdateRule? Update { get; init; }

    /// <summary>The next version, with the next epoch. What does not fit the version before is wrong usage.</summary>
    internal Manifest Apply(SignedManifest before)
    {
        Manifest manifest = before.Manifest;
        ImmutableArray<ManifestStage> stages = [.. Stages(manifest).Select(Change)];
        AcceptedMeasurement[] accepted = [.. stages.SelectMany(stage => stage.Accepted)];
        KeyEpoch epoch = new(Epoch ?? (manifest.Epoch.Value + 1));
        return epoch.Value < manifest.Epoch.Value
            ? throw CommandFailedException.Usage($"--epoch {epoch.Value}: epochs do not fall, and this manifest is at {manifest.Epoch.Value}")
            : manifest with
            {
                Version = manifest.Version + 1,
                Previous = before.Digest,
                Plan = Plan?.Plan ?? manifest.Plan,
                Epoch = epoch,
                NotBefore = Now,
                NotAfter = NotAfter ?? manifest.NotAfter,
                AllowSimulation = AllowSimulation ?? manifest.AllowSimulation,
                Stages = stages,
                Platforms = Tolerating(ManifestImages.Platforms(manifest.Platforms, Platforms, accepted)),
                Inputs = Plan is null ? manifest.Inputs : Inputs,
                Revoked = Revoking(manifest),
                Update = Update ?? manifest.Update,
            };
    }

    private ImmutableArray<ManifestStage> Stages(Manifest manifest)
    {
        if (Plan is null)
        {
            return manifest.Stages;
        }

        if (Plan.Job != manifest.Job)
        {
            throw CommandFailedException.Usage($"the manifest is of the job {manifest.Job}, and this is {Plan.Job}; another job has a manifest of its own (manifest init)");
        }

        ImmutableArray<AcceptedMeasurement> all = [.. manifest.Stages.SelectMany(stage => stage.Accepted).DistinctBy(SetName)];
        return ManifestDraft.StagesOf(Plan, all, manifest.Stages.Max(stage => stage.ActivationsMax));
    }

    private ManifestStage Change(ManifestStage stage)
    {
        HashSet<string> removed = [.. Removed.Select(part => ValueOf(part, stage.Accepted, "--remove-measurement") ?? "")];
        ImmutableArray<AcceptedMeasurement> accepted =
        [
            .. stage.Accepted.Where(set => !set.Values.Values.Any(removed.Contains)).Concat(Added).DistinctBy(SetName),
        ];
        return accepted.IsEmpty
            ? throw CommandFailedException.Usage($"the stage {stage.Name} would accept no code any more; --measurement FILE names what it is to accept, --revoke-job ends the job")
            : stage with { Accepted = accepted, ActivationsMax = ActivationsMax ?? stage.ActivationsMax };
    }

    private ManifestRevocations Revoking(Manifest manifest)
    {
        ImmutableArray<AcceptedMeasurement> known = [.. manifest.Stages.SelectMany(stage => stage.Accepted)];
        foreach (string part in Removed.Where(part => ValueOf(part, known, "--remove-measurement") is null))
        {
            throw CommandFailedException.Usage($"--remove-measurement {part}: no stage accepts such a value");
        }

        return new ManifestRevocations
        {
            Job = manifest.Revoked.Job || RevokesJob,
            Measurements = [.. manifest.Revoked.Measurements.Concat(RevokedMeasurements.Select(part => ValueOf(part, known, "--revoke-measurement") ?? part)).Distinct()],
            Chips = [.. manifest.Revoked.Chips.Concat(RevokedChips).Distinct()],
        };
    }

    /// <summary>Intel's platforms with the statuses and advisories that somebody has judged.</summary>
    private ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> Tolerating(ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> platforms)
    {
        if (ToleratedAdvisories.IsEmpty && AcceptedTcbStatuses.IsEmpty)
        {
            return platforms;
        }

        EvidenceKind[] intel = [.. platforms.Keys.Where(kind => kind is EvidenceKind.Sgx or EvidenceKind.Tdx)];
        if (intel.Length == 0)
        {
            throw CommandFailedException.Usage("advisories and TCB statuses are Intel's, and the manifest has neither sgx nor tdx");
        }

        return platforms.SetItems(intel.Select(kind => KeyValuePair.Create(kind, platforms[kind] with
        {
            ToleratedAdvisories = [.. platforms[kind].ToleratedAdvisories.Concat(ToleratedAdvisories).Distinct()],
            AcceptedTcbStatuses = [.. platforms[kind].AcceptedTcbStatuses.Concat(AcceptedTcbStatuses).Distinct()],
        })));
    }

    /// <summary>The one measured value that begins so; null when there is none.</summary>
    private static string? ValueOf(string part, ImmutableArray<AcceptedMeasurement> known, string option)
    {
        string[] found = part.Length < PrefixMin
            ? throw CommandFailedException.Usage($"{option} {part}: a measured value, or at least its first {PrefixMin} digits")
            : [.. known.SelectMany(set => set.Values.Values).Where(value => value.StartsWith(part, StringComparison.Ordinal)).Distinct()];
        return found.Length <= 1 ? found.FirstOrDefault()
            : throw CommandFailedException.Usage($"{option} {part}: that may be {string.Join(" or ", found)}; give more digits");
    }

    private static string SetName(AcceptedMeasurement set) => $"{set.Kind} {string.Join(' ', set.Values.Select(value => $"{value.Key}={value.Value}"))}";
}
