using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>Verifies simulation evidence. The best that it can be is a warning.</summary>
internal static class SimulationVerifier
{
    internal static void Verify(EvidenceParts parts, Assessment assessment)
    {
        if (!parts.TryEvidence(EvidenceFile.Simulation, out ReadOnlyMemory<byte> bytes))
        {
            assessment.Find("simulation.missing", AttestationStatus.None, $"{EvidenceFile.Simulation} is missing");
            return;
        }

        Outcome<SimulationEvidence> parsed = SimulationEvidence.Parse(bytes);
        if (!parsed.Succeeded)
        {
            assessment.Find("simulation.format", parsed.Failure);
            return;
        }

        SimulationEvidence evidence = parsed.Value;
        assessment.Tcb = new TcbAssessment("NotApplicable", []);
        assessment.Measure("measurement", evidence.Measurement.Span);
        assessment.ReportData = [.. evidence.ReportData.Span];
        assessment.Find(Checks.SimulationHardware, AttestationStatus.Warning, "a simulation: no hardware protects anything");
        assessment.Vector = assessment.Vector with { Hardware = 32, RuntimeOpaque = 32 };
        Outcome<PublicKey> key = PublicKey.OfPoint(evidence.Point[..32], evidence.Point[32..]);
        if (!key.Succeeded || !key.Value.VerifiesFixed(evidence.Signed, evidence.Signature, HashAlgorithmName.SHA256))
        {
            assessment.Forged("simulation.signature", "the development key's signature does not hold");
            return;
        }

        if (!assessment.Policy.SimulationKeys.Any(known => PublicKey.OfSubjectPublicKeyInfo(known) is { Succeeded: true } accepted && accepted.Value.Is(key.Value)))
        {
            assessment.Find("simulation.key", AttestationStatus.None, "the development key is none that the policy names");
            return;
        }

        assessment.Vector = assessment.Vector with { InstanceIdentity = 2 };
        assessment.Complete();
    }
}
