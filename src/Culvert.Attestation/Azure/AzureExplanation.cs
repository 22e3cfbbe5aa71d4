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

        if (SnpExplanation.Explain(hcl.Value.HardwareReport, fields) is { } failure)
        {
            return failure;
        }

        fields.Section("paravisor");
        fields.Add("runtime data", Encoding.UTF8.GetString(hcl.Value.RuntimeData.Span), "the vTPM's keys and the machine's configuration; the report data are its hash");
        return evidence.TryGet(EvidenceFile.AzureTpmAttest, out ReadOnlyMemory<byte> attest) ? TpmExplanation.ExplainQuote(attest, "vTPM quote", fields) : null;
    }
}
