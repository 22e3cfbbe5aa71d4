namespace Culvert.Attestation;

/// <summary>
/// The one front of all verifiers: evidence, collateral, a time and a policy in; a verdict out. No clock, no network; the same
/// verdict for the same input, sooner when certificates or collateral were seen before. Safe on any thread. Never throws for
/// what evidence or collateral hold.
/// </summary>
public static class Verifier
{
    /// <summary>Verifies evidence for the time <paramref name="at"/>, which the caller takes from a clock it trusts.</summary>
    public static AttestationVerdict Verify(Evidence evidence, Collateral collateral, DateTimeOffset at, VerificationPolicy? policy = null) =>
        Verify(evidence, collateral, at, policy ?? VerificationPolicy.None, VendorRoots.BuiltIn);

    internal static AttestationVerdict Verify(Evidence evidence, Collateral collateral, DateTimeOffset at, VerificationPolicy policy, VendorRoots roots)
    {
        Assessment assessment = new(evidence.Kind, at, policy, roots.Memory);
        EvidenceParts parts = new(evidence, collateral);
        switch (evidence.Kind)
        {
            case EvidenceKind.Sgx or EvidenceKind.Tdx:
                IntelVerifier.Verify(parts, roots.Intel, assessment);
                break;
            case EvidenceKind.SevSnp:
                SnpVerifier.Verify(parts, roots, assessment);
                break;
            case EvidenceKind.AzureSevSnp or EvidenceKind.AzureTdx:
                AzureVerifier.Verify(parts, roots, assessment);
                break;
            case EvidenceKind.AwsNitro:
                NitroVerifier.Verify(parts, roots.Nitro, assessment);
                break;
            case EvidenceKind.Tpm2:
                TpmVerifier.Verify(parts, assessment);
                break;
            case EvidenceKind.Simulation:
                SimulationVerifier.Verify(parts, assessment);
                break;
            default:
                throw new ArgumentException($"evidence of kind {evidence.Kind} is never detected", nameof(evidence));
        }

        return assessment.Conclude();
    }
}
