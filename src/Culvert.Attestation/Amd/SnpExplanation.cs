using System.Globalization;

namespace Culvert.Attestation;

/// <summary>A SEV-SNP report's fields in words.</summary>
internal static class SnpExplanation
{
    internal static Failure? Explain(Evidence evidence, FieldList fields)
    {
        evidence.TryGet(EvidenceFile.SnpReport, out ReadOnlyMemory<byte> bytes);
        Failure? failure = Explain(bytes, fields);
        foreach (string file in new[] { EvidenceFile.Vcek, EvidenceFile.Vlek })
        {
            if (failure is null && evidence.TryGet(file, out ReadOnlyMemory<byte> encoded))
            {
                failure = ExplainCertificate(encoded, file, fields);
            }
        }

        return failure;
    }

    internal static Failure? Explain(ReadOnlyMemory<byte> bytes, FieldList fields)
    {
        Outcome<SnpReport> parsed = SnpReport.Parse(bytes);
        if (!parsed.Succeeded)
        {
            return parsed.Failure;
        }

        SnpReport report = parsed.Value;
        fields.Section("report");
        fields.Add("version", report.Version, "the report's format");
        fields.Add("MEASUREMENT", report.Measurement, "the hash of the guest's initial memory: firmware, and what it was started with");
        fields.Add("HOST_DATA", report.HostData, "what the host bound at launch");
        fields.Add("REPORT_DATA", report.ReportData, "what the guest itself chose to bind: a nonce, or the hash of its keys");
        fields.Add("GUEST_SVN", report.GuestSvn, "the guest owner's security version");
        fields.Add("FAMILY_ID", report.FamilyId, "the guest owner's family of images");
        fields.Add("IMAGE_ID", report.ImageId, "the guest owner's image");
        fields.Add("ID_KEY_DIGEST", report.IdKeyDigest, "who signed the launch's identity block; zero for nobody");
        fields.Add("AUTHOR_KEY_DIGEST", report.AuthorKeyDigest, "who certified that signer; zero for nobody");
        fields.Add("REPORT_ID", report.ReportId, "this guest's identifier until it ends");
        fields.Add("CHIP_ID", report.ChipId, "the processor; zero where a provider's key (VLEK) signs");
        fields.Add("VMPL", report.Vmpl, report.Vmpl == 0 ? "the most privileged level of the guest asked for the report" : "a less privileged level of the guest asked for the report");
        ExplainPolicy(report, fields);
        ExplainPlatform(report, fields);
        return null;
    }

    private static void ExplainPolicy(SnpReport report, FieldList fields)
    {
        fields.Section("guest policy");
        fields.Add("POLICY", report.Policy.ToString("x16", CultureInfo.InvariantCulture), "what the guest owner allows, enforced by the processor");
        fields.AddBit("DEBUG", report.AllowsDebug, "debugging allowed: the host can read the guest's memory", "no debugging");
        fields.AddBit("MIGRATE_MA", report.AllowsMigrationAgent, "a migration agent may move the guest, and sees its memory", "no migration agent");
        fields.AddBit("SMT", report.AllowsSmt, "two threads may share a core", "only where no two threads share a core");
        fields.AddBit("SINGLE_SOCKET", report.SingleSocketOnly, "on one socket only", "on any number of sockets");
    }

    private static void ExplainPlatform(SnpReport report, FieldList fields)
    {
        fields.Section("platform");
        fields.Add("signing key", report.SigningKey, report.SigningKey switch { 0 => "the chip's own (VCEK)", 1 => "the provider's (VLEK)", _ => "none: the report is not signed" });
        fields.Add("PLATFORM_INFO", report.PlatformInfo.ToString("x", CultureInfo.InvariantCulture), "bit 0: SMT on, 1: memory encrypted throughout, 2: ECC, 3: RAPL off, 4: ciphertext hidden, 5: memory aliases checked");
        if (report.Version >= 3)
        {
            fields.Add("CPU", string.Create(CultureInfo.InvariantCulture, $"family {report.CpuFamily:x}, model {report.CpuModel:x}, stepping {report.CpuStepping:x}"), report.Product?.ToString() ?? "a product that is not known here");
        }

        AmdProduct layout = report.Product ?? AmdProduct.Milan;
        foreach ((string name, byte[] tcb, string words) in new[]
        {
            ("REPORTED_TCB", report.ReportedTcb.ToArray(), "what the signing key was derived for"),
            ("CURRENT_TCB", report.CurrentTcb.ToArray(), "what runs now"),
            ("COMMITTED_TCB", report.CommittedTcb.ToArray(), "what the platform cannot go back behind"),
            ("LAUNCH_TCB", report.LaunchTcb.ToArray(), "what ran when the guest was started"),
        })
        {
            fields.Add(name, string.Join(", ", SnpTcb.Read(tcb, layout).Parts.Select(part => $"{part.Key} {part.Value}")), words);
        }
    }

    private static Failure? ExplainCertificate(ReadOnlyMemory<byte> encoded, string file, FieldList fields)
    {
        Outcome<Certificate> certificate = Certificate.Parse(encoded, file);
        if (!certificate.Succeeded)
        {
            return certificate.Failure;
        }

        fields.Section($"certificate {certificate.Value.SubjectName}");
        fields.Add(certificate.Value);
        Outcome<SnpCertificate> content = SnpCertificate.Of(certificate.Value, file);
        if (content.Succeeded)
        {
            fields.Add("product", content.Value.Product.ToString(), "the generation whose root signs it");
            fields.Add("TCB", string.Join(", ", content.Value.Tcb.Parts.Select(part => $"{part.Key} {part.Value}")), "what the key was derived for; must be the reported TCB");
            fields.Add("hardware id", content.Value.HardwareId.AsSpan(), "the chip; must be the report's");
            fields.Add("provider", content.Value.Provider, "the cloud provider, of a VLEK");
        }

        return content.Failure;
    }
}
