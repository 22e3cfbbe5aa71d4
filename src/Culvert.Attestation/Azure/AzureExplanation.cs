using System.Text;

namespace Culvert.Attestation;

/// <summary>An Azure confidential VM's evidence in words.</summary>
internal static class AzureExplanation
{
    internal static Failure? Explain(Evidence evidence, FieldList fields)
    {
        evidence.TryGet(EvidenceFile.HclReport, out ReadOnlyMemory<byte> bytes);
        Outcome<HclReport> hcl = HclReport.Parse(bytes);
        if (!hcl.Succeeded)
        {
            return hcl.Failure;
        }

        // A trust domain's local report says nothing that its quote does not say under a signature.
        Failure? failure = !hcl.Value.IsTdx ? SnpExplanation.Explain(hcl.Value.HardwareReport, fields)
            : evidence.TryGet(EvidenceFile.IntelQuote, out _) ? IntelExplanation.Explain(evidence, fields)
            : null;
        if (failure is not null)
        {
            return failure;
        }

        fields.Section("paravisor");
        fields.Add("runtime data", Encoding.UTF8.GetString(hcl.Value.RuntimeData.Span), "the vTPM's keys and the machine's configuration; the report data are its hash");
        return evidence.TryGet(EvidenceFile.AzureTpmAttest, out ReadOnlyMemory<byte> attest) ? TpmExplanation.ExplainQuote(attest, "vTPM quote", fields) : null;
    }
}
