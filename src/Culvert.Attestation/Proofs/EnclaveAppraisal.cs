using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// A proof's manifest and enclaves, gone over as a broker would that decides now what it decided then: the same rules
/// (<see cref="ReleaseDecision"/>), at the time that the attestation result states.
/// </summary>
internal sealed class EnclaveAppraisal
{
    private readonly Proof _proof;
    private string? _manifestWrong;
    private string? _evidenceWrong;
    private string? _resultWrong;

    private EnclaveAppraisal(Proof proof) => _proof = proof;

    /// <summary>The kind of each enclave's evidence, where it can be told.</summary>
    internal ImmutableArray<EvidenceKind> Kinds { get; private set; } = [];

    /// <summary>An enclave's evidence is a simulation, whether it holds or not.</summary>
    internal bool IsSimulation => Kinds.Contains(EvidenceKind.Simulation);

    /// <summary>Enclaves whose evidence and attestation result hold: their keys can be believed.</summary>
    internal ImmutableArray<EnclaveProof> Believed { get; private set; } = [];

    /// <summary>The earliest and latest time of attestation, as the broker states it; null where no result holds.</summary>
    internal (DateTimeOffset First, DateTimeOffset Last)? Attested { get; private set; }

    internal static EnclaveAppraisal Of(Proof proof, ReadOnlyMemory<byte> ownerKey, VendorRoots roots)
    {
        EnclaveAppraisal appraisal = new(proof);
        appraisal.Appraise(ownerKey, roots);
        return appraisal;
    }

    internal void Tell(ProofFindings findings)
    {
        findings.Add("proof.manifest", _manifestWrong, _proof.Manifests.IsEmpty ? "" : $"version {_proof.Manifests[^1].Manifest.Version}, authorised by the owner, valid when the enclaves were attested");
        findings.Add("proof.evidence", _evidenceWrong, $"{_proof.Enclaves.Length} of {_proof.Enclaves.Length} enclaves ran code that the manifest accepts: {KindsInWords()}");
        findings.Add("proof.result", _resultWrong, "the broker's attestation results are signed, and say the same");
    }

    /// <summary>Such as <c>2 on sgx, 1 on tdx</c>.</summary>
    internal string KindsInWords() =>
        string.Join(", ", Kinds.GroupBy(k => k).OrderBy(g => g.Key).Select(g => $"{g.Count()} on {EvidenceKindName.Of(g.Key)}"));

    private void Appraise(ReadOnlyMemory<byte> ownerKey, VendorRoots roots)
    {
        Kinds = [.. _proof.Enclaves.Select(e => Detect(e)).Where(e => e.Succeeded).Select(e => e.Value.Kind)];
        if (!ManifestHistory.TryVerify(_proof.Manifests, ownerKey.Span, out ManifestHistory? history, out ManifestRefusal? refusal))
        {
            _manifestWrong = refusal.ToString();
            _evidenceWrong = _resultWrong = "nothing can be compared with a manifest that does not hold";
            return;
        }

        foreach ((EnclaveProof enclave, int number) in _proof.Enclaves.Select((e, i) => (e, i + 1)))
        {
            Appraise(enclave, $"enclave {number} ({string.Join(", ", enclave.Binding.Stages)})", history, roots);
        }

        ImmutableArray<ManifestStage> bare = [.. history.Current.Manifest.Stages.Where(s => !_proof.Enclaves.Any(e => e.Binding.Stages.Contains(s.Id)))];
        if (!bare.IsEmpty)
        {
            _evidenceWrong ??= $"there is no evidence of {string.Join(", ", bare.Select(s => s.Name))}, whose keys the manifest names";
        }
    }

    private void Appraise(EnclaveProof enclave, string which, ManifestHistory history, VendorRoots roots)
    {
        Manifest manifest = history.Current.Manifest;
        Outcome<EarResult> result = EarVerifier.Verify(enclave.Result, manifest.BrokerKey.AsMemory());
        if (!result.Succeeded)
        {
            _resultWrong ??= $"{which}: {result.Failure.Message}";
            _evidenceWrong ??= $"{which}: cannot be verified, since no attestation result says when it was";
            return;
        }

        DateTimeOffset at = result.Value.IssuedAt;
        ReleaseFacts facts = Facts(enclave, history, at);
        if (ReleaseDecision.BeforeEvidence(facts) is { } before)
        {
            string words = $"{which}: {before.ToFailure().Message}";
            if (before.Check is ReleaseCheck.ManifestUnsigned or ReleaseCheck.ManifestOlder or ReleaseCheck.ManifestExpired or ReleaseCheck.ManifestNotYet or ReleaseCheck.PlanUnknown or ReleaseCheck.JobRevoked)
            {
                _manifestWrong ??= words;
            }

            _evidenceWrong ??= words;
            return;
        }

        (AttestationVerdict? verdict, string? wrong) = Verify(facts, roots);
        if (wrong is not null || verdict is null)
        {
            _evidenceWrong ??= $"{which}: {wrong}";
            return;
        }

        if (!Says(result.Value, enclave, verdict, manifest))
        {
            _resultWrong ??= $"{which}: its attestation result is of another release, or found something else";
            return;
        }

        Believed = Believed.Add(enclave);
        Attested = Attested is { } span ? (at < span.First ? at : span.First, at > span.Last ? at : span.Last) : (at, at);
    }

    /// <summary>How often keys were released before is the broker's to count: a proof shows one run.</summary>
    private static (AttestationVerdict? Verdict, string? Wrong) Verify(ReleaseFacts facts, VendorRoots roots)
    {
        (AttestationVerdict? verdict, ReleaseRefusal? refusal) = ReleaseVerification.Of(facts.Current.Manifest, facts.Request, facts.Now, roots, _ => 0);
        return (verdict, refusal?.ToFailure().Message);
    }

    /// <summary>What the broker had before it: the challenge is what the binding answers, under the manifest that the proof is of.</summary>
    private ReleaseFacts Facts(EnclaveProof enclave, ManifestHistory history, DateTimeOffset at)
    {
        Manifest manifest = history.Current.Manifest;

        // Which of the stages that may read inputs read this one, nobody signs; the binding hashes all headers.
        StageId reader = manifest.Stages.FirstOrDefault(s => s.ReadsInputs)?.Id ?? new StageId(-1);
        return new ReleaseFacts
        {
            Now = at,
            Current = history.Current,
            Earlier = [.. history.Versions.SkipLast(1).Select(v => PlanDigest.FromBytes(v.Digest.AsSpan()))],
            Challenge = new ReleaseChallenge
            {
                Nonce = enclave.Binding.Nonce,
                Broker = [.. SHA256.HashData(manifest.BrokerKey.AsSpan())],
                Owner = [.. SHA256.HashData(manifest.OwnerKey.AsSpan())],
                Manifest = history.Current.Digest,
                Epoch = manifest.Epoch,
                Lineage = manifest.Lineage,
                NotAfter = at,
            },
            Job = manifest.Job,
            Request = new ReleaseRequest
            {
                Binding = enclave.Binding,
                Evidence = enclave.Evidence,
                Collateral = enclave.Collateral,
                Inputs = [.. _proof.Inputs.Select(i => new StageInput(reader, i.Stream, i.Header))],
            },
        };
    }

    private static bool Says(EarResult result, EnclaveProof enclave, AttestationVerdict verdict, Manifest manifest)
    {
        ReleaseBinding binding = enclave.Binding;
        return result.Kind == verdict.Kind && result.Status == verdict.Status
            && result.Measurements.SequenceEqual(verdict.MeasuredSet)
            && result.Nonce.SequenceEqual(binding.Nonce)
            && result.ReportData.AsSpan().SequenceEqual(binding.ReportData())
            && result.Evidence.AsSpan().SequenceEqual(EarResult.DigestOf(enclave.Evidence))
            && result.Manifest.SequenceEqual(binding.Manifest) && result.ManifestVersion == manifest.Version
            && result.Job == manifest.Job && result.Plan == binding.Plan && result.Run == binding.Run && result.Epoch == binding.Epoch
            && result.Stages.SequenceEqual(binding.Stages) && result.Inputs.SequenceEqual(binding.Inputs)
            && result.ReleaseKey.AsSpan().SequenceEqual(SHA256.HashData(binding.ReleaseKey.AsSpan()))
            && result.SigningKey.AsSpan().SequenceEqual(SHA256.HashData(binding.SigningKey.AsSpan()));
    }

    private static Outcome<Evidence> Detect(EnclaveProof enclave) => Evidence.Detect(Files(enclave.Evidence));

    private static Dictionary<string, ReadOnlyMemory<byte>> Files(ImmutableSortedDictionary<string, ImmutableArray<byte>> files) =>
        files.ToDictionary(file => file.Key, file => file.Value.AsMemory(), StringComparer.Ordinal);
}
