using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>One field of evidence: where it belongs, its name, its value, and what that means in words.</summary>
public sealed record ExplainedField(string Section, string Name, string Value, string Words);

/// <summary>Says what evidence states, field by field. Nothing is verified by it: whoever forges evidence chooses its fields.</summary>
public static class EvidenceExplanation
{
    /// <summary>Every field of the evidence; a refusal when it cannot be taken apart.</summary>
    public static Outcome<ImmutableArray<ExplainedField>> Of(Evidence evidence)
    {
        FieldList fields = new();
        Failure? failure = evidence.Kind switch
        {
            EvidenceKind.Sgx or EvidenceKind.Tdx => IntelExplanation.Explain(evidence, fields),
            EvidenceKind.SevSnp => SnpExplanation.Explain(evidence, fields),
            EvidenceKind.AzureSevSnp or EvidenceKind.AzureTdx => AzureExplanation.Explain(evidence, fields),
            EvidenceKind.AwsNitro => NitroExplanation.Explain(evidence, fields),
            EvidenceKind.Tpm2 => TpmExplanation.Explain(evidence, fields),
            EvidenceKind.Simulation => SimulationExplanation.Explain(evidence, fields),
            _ => throw new ArgumentException($"evidence of kind {evidence.Kind} is never detected", nameof(evidence)),
        };
        return failure is null ? fields.ToImmutable() : failure;
    }
}
