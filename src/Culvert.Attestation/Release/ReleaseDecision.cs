using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>Where a nonce stands.</summary>
internal enum NonceStanding
{
    /// <summary>Given out, and not yet used.</summary>
    Open,

    /// <summary>Never given out, or forgotten.</summary>
    Unknown,

    /// <summary>Expired.</summary>
    Old,

    /// <summary>Used before.</summary>
    Used,
}

/// <summary>What a decision is made from, as it stands at one moment. Nothing in it changes.</summary>
internal sealed record ReleaseFacts
{
    internal required DateTimeOffset Now { get; init; }

    /// <summary>The job's current manifest.</summary>
    internal required SignedManifest Current { get; init; }

    /// <summary>Digests of versions that the current one replaced.</summary>
    internal required ImmutableHashSet<PlanDigest> Earlier { get; init; }

    /// <summary>What was given out.</summary>
    internal required ReleaseChallenge Challenge { get; init; }

    /// <summary>The job that it was given out for.</summary>
    internal required string Job { get; init; }

    internal required ReleaseRequest Request { get; init; }
}

/// <summary>
/// Whether keys are released: a pure function of facts. Checks are made in the order of docs/specs/key-release.md, and the first
/// that does not hold is named.
/// </summary>
internal static class ReleaseDecision
{
    /// <summary>A job whose keys may be released at all now, by its current manifest.</summary>
    internal static ReleaseRefusal? OfManifest(Manifest manifest, PlanDigest plan, DateTimeOffset now) =>
        manifest.Revoked.Job ? Refuse(ReleaseCheck.JobRevoked, $"the job is taken back by version {manifest.Version} of its manifest")
        : now < manifest.NotBefore ? Refuse(ReleaseCheck.ManifestNotYet, $"the manifest holds from {Text(manifest.NotBefore)} on, and it is {Text(now)}")
        : now >= manifest.NotAfter ? Refuse(ReleaseCheck.ManifestExpired, $"the manifest has expired on {Text(manifest.NotAfter)}, and it is {Text(now)}")
        : plan != manifest.Plan ? Refuse(ReleaseCheck.PlanUnknown, $"version {manifest.Version} of the manifest names plan {manifest.Plan.Short}, and not {plan.Short}: run what it was made of (protection and sealed input or result are part of a plan), or make its next version of this plan (culvert manifest update --job)")
        : null;

    internal static ReleaseRefusal? OfNonce(NonceStanding standing) => standing switch
    {
        NonceStanding.Unknown => Refuse(ReleaseCheck.NonceUnknown, "the nonce was not given out here, or it is forgotten: ask for a challenge"),
        NonceStanding.Old => Refuse(ReleaseCheck.NonceOld, "the nonce has expired: ask for another challenge"),
        NonceStanding.Used => Refuse(ReleaseCheck.NonceUsed, "the nonce was used before: a challenge serves once"),
        _ => null,
    };

    /// <summary>All that can be decided before evidence is looked at.</summary>
    internal static ReleaseRefusal? BeforeEvidence(ReleaseFacts facts)
    {
        ReleaseBinding binding = facts.Request.Binding;
        Manifest manifest = facts.Current.Manifest;
        return OfChallenge(facts)
            ?? OfManifest(manifest, binding.Plan, facts.Now)
            ?? OfStages(manifest, binding)
            ?? OfKeys(binding)
            ?? OfInputs(manifest, facts.Request)
            ?? OfOutput(manifest, facts.Request);
    }

    /// <summary>The same of what was released before, by a version that may be another: no challenge is answered, and keys are known to be such.</summary>
    internal static ReleaseRefusal? Again(Manifest manifest, ReleaseRequest released, DateTimeOffset now) =>
        OfManifest(manifest, released.Binding.Plan, now)
            ?? OfStages(manifest, released.Binding)
            ?? OfInputs(manifest, released);

    /// <summary>Whether the manifest accepts evidence of a kind at all.</summary>
    internal static ReleaseRefusal? OfKind(Manifest manifest, EvidenceKind kind) =>
        kind == EvidenceKind.Simulation && !manifest.AllowSimulation
            ? Refuse(ReleaseCheck.SimulationNotAllowed, "a simulation, which no hardware protects; the manifest does not say allowSimulation")
            : manifest.Platforms.ContainsKey(kind)
                ? null
                : Refuse(ReleaseCheck.KindNotAllowed, $"evidence of {EvidenceKindName.Of(kind)}; the manifest accepts {string.Join(", ", manifest.Platforms.Keys.Select(EvidenceKindName.Of))}");

    /// <summary>What follows from the verdict, and from how often keys were released before.</summary>
    internal static ReleaseRefusal? OfEvidence(Manifest manifest, ReleaseBinding binding, AttestationVerdict verdict, Func<StageId, int> activations)
    {
        ImmutableArray<ManifestStage> stages = StagesOf(manifest, binding);
        return OfVerdict(manifest, stages, verdict)
            ?? OfRevocations(manifest, verdict)
            ?? OfMeasurement(stages, verdict)
            ?? OfActivations(manifest, stages, activations);
    }

    /// <summary>The manifest's stages that a binding names; all of them are there.</summary>
    internal static ImmutableArray<ManifestStage> StagesOf(Manifest manifest, ReleaseBinding binding) =>
        [.. binding.Stages.Select(id => manifest.Stages.First(stage => stage.Id == id))];

    private static ReleaseRefusal? OfChallenge(ReleaseFacts facts)
    {
        ReleaseBinding binding = facts.Request.Binding;
        ReleaseChallenge challenge = facts.Challenge;
        if (!binding.Manifest.SequenceEqual(facts.Current.Digest))
        {
            return facts.Earlier.Contains(PlanDigest.FromBytes(binding.Manifest.AsSpan()))
                ? Refuse(ReleaseCheck.ManifestOlder, $"the manifest of the binding has been replaced; version {facts.Current.Manifest.Version} is current: ask for another challenge")
                : Refuse(ReleaseCheck.ManifestUnsigned, "the manifest of the binding is none that the owner signed for this broker");
        }

        return binding.Nonce.SequenceEqual(challenge.Nonce) && binding.Broker.SequenceEqual(challenge.Broker) && binding.Owner.SequenceEqual(challenge.Owner)
            && binding.Manifest.SequenceEqual(challenge.Manifest) && binding.Epoch == challenge.Epoch && binding.Job.SequenceEqual(ReleaseBinding.JobDigest(facts.Job))
            ? null
            : Refuse(ReleaseCheck.BindingChallenge, "the binding names another broker, owner, manifest, job or key epoch than its challenge");
    }

    private static ReleaseRefusal? OfStages(Manifest manifest, ReleaseBinding binding)
    {
        if (binding.Stages.IsDefaultOrEmpty)
        {
            return Refuse(ReleaseCheck.StageUnknown, "no stage is asked for");
        }

        foreach (StageId stage in binding.Stages)
        {
            if (!manifest.Stages.Any(known => known.Id == stage))
            {
                return Refuse(ReleaseCheck.StageUnknown, $"the manifest releases no keys of {stage}");
            }
        }

        return binding.Stages.Zip(binding.Stages.Skip(1)).Any(pair => pair.First.CompareTo(pair.Second) >= 0)
            ? Refuse(ReleaseCheck.RequestMalformed, "stages are not in order, or one is there twice")
            : null;
    }

    private static ReleaseRefusal? OfKeys(ReleaseBinding binding)
    {
        if (!HpkePublicKey.TryRead(binding.ReleaseKey.AsSpan()).Succeeded)
        {
            return Refuse(ReleaseCheck.RequestMalformed, "the release key is no point on P-256");
        }

        return PublicKey.OfSubjectPublicKeyInfo(binding.SigningKey.AsMemory()) is { Succeeded: true, Value.CoordinateBytes: 32 }
            ? null
            : Refuse(ReleaseCheck.RequestMalformed, "the signing key is no public key on P-256");
    }

    private static ReleaseRefusal? OfInputs(Manifest manifest, ReleaseRequest request)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (StageInput input in request.Inputs)
        {
            hash.AppendData(input.Header.AsSpan());
        }

        bool isOfNone = request.Inputs.IsEmpty && request.Binding.Inputs.IsEmpty;
        if (!isOfNone && !hash.GetHashAndReset().AsSpan().SequenceEqual(request.Binding.Inputs.AsSpan()))
        {
            return Refuse(ReleaseCheck.BindingInputs, "the digest of inputs is not that of the headers that came with it");
        }

        foreach (StageInput input in request.Inputs)
        {
            if (manifest.Inputs is { } allowed && !allowed.Contains(input.Stream))
            {
                return Refuse(ReleaseCheck.InputsNotAllowed, $"the manifest does not name the file {input.Stream}");
            }

            if (!manifest.Stages.Any(stage => stage.Id == input.Stage && stage.ReadsInputs))
            {
                return Refuse(ReleaseCheck.InputsNotAllowed, $"{input.Stage} reads no sealed file, or is not in the manifest");
            }
        }

        return null;
    }

    private static ReleaseRefusal? OfOutput(Manifest manifest, ReleaseRequest request)
    {
        if (request.Output is not { } output)
        {
            return null;
        }

        // The key of a result's stream is that of a file: with a stream of his choosing, whoever starts a run could pass its
        // result off as another file of the owner.
        return output != request.Binding.ResultStream()
            ? Refuse(ReleaseCheck.OutputNotAllowed, $"the stream {output} is not that of this run's result")
            : StagesOf(manifest, request.Binding).Any(stage => stage.WritesResult)
                ? null
                : Refuse(ReleaseCheck.OutputNotAllowed, "none of the stages writes the result");
    }

    private static ReleaseRefusal? OfVerdict(Manifest manifest, ImmutableArray<ManifestStage> stages, AttestationVerdict verdict)
    {
        bool isGenuine = verdict.Status == AttestationStatus.Affirming || (manifest.AllowSimulation && verdict.IsVerifiedSimulation);
        if (isGenuine)
        {
            // A verdict on the platform alone says nothing of the code, and is never enough.
            return verdict.Scope == AttestationScope.Workload ? null : Refuse(ReleaseCheck.Measurement, "the evidence says nothing of the code");
        }

        Finding failed = verdict.FailedCheck!;
        ReleaseCheck check = failed.Check switch
        {
            "policy.report-data" => ReleaseCheck.BindingReportData,
            "policy.kind" => ReleaseCheck.KindNotAllowed,
            "policy.chip-revoked" => ReleaseCheck.ChipRevoked,
            "policy.chip-id" => ReleaseCheck.ChipNotAllowed,
            "intel.tcb.status" or "intel.tdx.module" or "policy.advisories" or "policy.tcb-evaluation-data-number" or "policy.isvsvn"
                or "policy.snp-tcb" or "amd.tcb.current" or "amd.tcb.certificate" => ReleaseCheck.Tcb,
            _ when IsMeasurement(verdict.Kind, failed) => OfRevocations(manifest, verdict)?.Check ?? ReleaseCheck.Measurement,
            _ => ReleaseCheck.Evidence,
        };
        string stage = stages.Length == 1 ? $"{stages[0].Id}: " : "";
        return Refuse(check, $"{stage}{failed.Check}: {failed.Message}");
    }

    private static bool IsMeasurement(EvidenceKind kind, Finding finding) =>
        WorkloadAppraisal.MeasuredSet(kind).Any(name => finding.Check == $"policy.{name}");

    private static ReleaseRefusal? OfRevocations(Manifest manifest, AttestationVerdict verdict)
    {
        foreach ((string name, string value) in verdict.MeasuredSet)
        {
            if (manifest.Revoked.Measurements.Contains(value, StringComparer.Ordinal))
            {
                return Refuse(ReleaseCheck.MeasurementRevoked, $"{name} {value} is taken back by the manifest");
            }
        }

        return ReleasePolicy.RevokedChip(manifest, verdict) is { } words ? Refuse(ReleaseCheck.ChipRevoked, words) : null;
    }

    private static ReleaseRefusal? OfMeasurement(ImmutableArray<ManifestStage> stages, AttestationVerdict verdict) =>
        stages.FirstOrDefault(stage => !ReleasePolicy.IsAccepted(stage, verdict)) is { } other
            ? Refuse(ReleaseCheck.Measurement, $"the measured code is none that the manifest accepts for {other.Id} ({other.Name})")
            : null;

    private static ReleaseRefusal? OfActivations(Manifest manifest, ImmutableArray<ManifestStage> stages, Func<StageId, int> activations) =>
        stages.FirstOrDefault(stage => stage.ActivationsMax > 0 && activations(stage.Id) >= stage.ActivationsMax) is { } spent
            ? Refuse(ReleaseCheck.Activations, $"{spent.Id} ({spent.Name}) has been activated {spent.ActivationsMax} times under version {manifest.Version} of the manifest, and no more are allowed")
            : null;

    private static ReleaseRefusal Refuse(ReleaseCheck check, string words) => new(check, words);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
