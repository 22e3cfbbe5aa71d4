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

    /// <summary>
    /// The same, and where nothing can be said by the request's own collateral (it is missing, has expired, or is of another
    /// platform) by what is on a shelf, one set after another: by the first that makes the evidence enough, else by the first
    /// that says more. Also the set that was used; empty for the request's own.
    /// </summary>
    internal static (AttestationVerdict? Verdict, ReleaseRefusal? Refusal, ImmutableSortedDictionary<string, ImmutableArray<byte>> Collateral) OfAny(
        Manifest manifest, ReleaseRequest request, DateTimeOffset at, VendorRoots roots, Func<StageId, int> activations, ICollateralShelf? shelf)
    {
        ImmutableSortedDictionary<string, ImmutableArray<byte>> none = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty;
        (AttestationVerdict? Verdict, ReleaseRefusal? Refusal) own = Of(manifest, request, at, roots, activations);
        if (own.Refusal is null || own.Verdict is not { Status: AttestationStatus.None } || shelf is null)
        {
            return (own.Verdict, own.Refusal, none);
        }

        foreach (ImmutableSortedDictionary<string, ImmutableArray<byte>> set in shelf.Sets())
        {
            (AttestationVerdict? Verdict, ReleaseRefusal? Refusal) by = Of(manifest, request with { Collateral = set }, at, roots, activations);
            if (by.Refusal is null)
            {
                return (by.Verdict, null, set);
            }

            // Genuine evidence of a machine or code that is not good enough; with another machine's certificate it would look forged.
            bool saysMore = own.Verdict is { Status: AttestationStatus.None } && by.Verdict is { Status: AttestationStatus.Affirming or AttestationStatus.Warning };
            own = saysMore ? by : own;
        }

        return (own.Verdict, own.Refusal, none);
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Files(ImmutableSortedDictionary<string, ImmutableArray<byte>> files) =>
        files.ToDictionary(file => file.Key, file => file.Value.AsMemory(), StringComparer.Ordinal);
}
