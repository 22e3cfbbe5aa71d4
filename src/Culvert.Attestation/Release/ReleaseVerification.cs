using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>What evidence is worth under a manifest: the verifiers' verdict, and what the manifest makes of it.</summary>
internal static class ReleaseVerification
{
    /// <summary>The verdict where the evidence could be looked at, and the first check that does not hold.</summary>
    /// <param name="manifest">The manifest by which it is decided; it has the binding's stages.</param>
    /// <param name="request">Evidence, and what it has to bind.</param>
    /// <param name="at">The time for which collateral and certificates have to be valid.</param>
    /// <param name="roots">The vendors' roots.</param>
    /// <param name="activations">How often a stage's keys were released before.</param>
    internal static (AttestationVerdict? Verdict, ReleaseRefusal? Refusal) Of(
        Manifest manifest, ReleaseRequest request, DateTimeOffset at, VendorRoots roots, Func<StageId, int> activations)
    {
        Outcome<Evidence> evidence = Evidence.Detect(Files(request.Evidence));
        Outcome<Collateral> collateral = Collateral.Of(Files(request.Collateral));
        if ((evidence.Failure ?? collateral.Failure) is { } failure)
        {
            return (null, new ReleaseRefusal(ReleaseCheck.Evidence, failure.Message));
        }

        if (ReleaseDecision.OfKind(manifest, evidence.Value.Kind) is { } refusal)
        {
            return (null, refusal);
        }

        ReleaseBinding binding = request.Binding;
        VerificationPolicy policy = ReleasePolicy.Of(manifest, ReleaseDecision.StagesOf(manifest, binding), evidence.Value.Kind, binding.ReportData());
        AttestationVerdict verdict = Verifier.Verify(evidence.Value, collateral.Value, at, policy, roots);
        return (verdict, ReleaseDecision.OfEvidence(manifest, binding, verdict, activations));
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Files(ImmutableSortedDictionary<string, ImmutableArray<byte>> files) =>
        files.ToDictionary(file => file.Key, file => file.Value.AsMemory(), StringComparer.Ordinal);
}
