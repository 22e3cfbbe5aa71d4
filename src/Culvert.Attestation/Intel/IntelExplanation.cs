using System.Globalization;

namespace Culvert.Attestation;

/// <summary>A quote's fields in words.</summary>
internal static class IntelExplanation
{
    internal static Failure? Explain(Evidence evidence, FieldList fields)
    {
        evidence.TryGet(EvidenceFile.IntelQuote, out ReadOnlyMemory<byte> bytes);
        Outcome<IntelQuote> parsed = IntelQuote.Parse(bytes);
        if (!parsed.Succeeded)
        {
            return parsed.Failure;
        }

        IntelQuote quote = parsed.Value;
        fields.Section("header");
        fields.Add("version", (ulong)quote.Version, quote.Version == 3 ? "the format of SGX quotes" : "the format of TDX quotes");
        fields.Add("attestation key type", 2, "ECDSA on P-256");
        fields.Add("TEE type", quote.Enclave is null ? "81" : "0", quote.Enclave is null ? "Intel TDX: a virtual machine" : "Intel SGX: an enclave in a process");
        fields.Add("QE vendor", quote.Header.Span.Slice(12, 16), "who wrote the quoting enclave (939a7233…0607 is Intel)");
        fields.Add("user data", quote.Header.Span.Slice(28, 20), "an identifier of the quoting enclave's platform");
        if (quote.Enclave is { } enclave)
        {
            Explain(enclave, "enclave", fields);
        }
        else
        {
            Explain(quote.Domain!, fields);
        }

        fields.Section("signature");
        fields.Add("attestation key", quote.AttestationKey.Span, "made by the quoting enclave; signs header and body");
        fields.Add("signature", quote.Signature.Span, "over header and body, by the attestation key");
        fields.Add("QE authentication data", quote.QeAuthenticationData.Span, "bound with the attestation key into the quoting enclave's report");
        fields.Add("padding", (ulong)(bytes.Length - quote.BytesUsed), "bytes after the quote's end; nobody authenticates them and nobody reads them");
        Explain(quote.QeReport, "quoting enclave", fields);
        return ExplainChain(quote, fields);
    }

    private static void Explain(EnclaveReport report, string section, FieldList fields)
    {
        fields.Section(section);
        fields.Add("MRENCLAVE", report.MrEnclave, "the hash of the enclave's code and data as loaded: which program it is");
        fields.Add("MRSIGNER", report.MrSigner, "the hash of the key that signed the enclave: whose program it is, not which");
        fields.Add("ISVPRODID", report.IsvProdId, "the signer's number of the product");
        fields.Add("ISVSVN", report.IsvSvn, "the signer's security version of the product");
        fields.Add("ATTRIBUTES", report.Attributes, "how the enclave was started");
        fields.AddBit("DEBUG", report.IsDebug, "debug mode: anybody on the host can read the enclave's memory", "no debug mode");
        fields.Add("MISCSELECT", report.MiscSelect, "what the enclave learns of its own faults");
        fields.Add("CPUSVN", report.CpuSvn, "the processor's security version, judged by TCB info");
        fields.Add("CONFIGID", report.ConfigId, "configuration chosen at start, if the enclave uses it");
        fields.Add("CONFIGSVN", report.ConfigSvn, "the configuration's security version");
        fields.Add("REPORTDATA", report.ReportData, "what the enclave itself chose to bind: a nonce, or the hash of its keys");
    }

    private static void Explain(TdReport domain, FieldList fields)
    {
        fields.Section("trust domain");
        fields.Add("MRTD", domain.MrTd, "the hash of the machine's initial memory: its firmware");
        string[] registers = ["firmware's configuration and tables", "the boot loader and kernel", "the kernel's command line and what it loaded first", "what the running system measured, such as its applications"];
        for (int i = 0; i < registers.Length; i++)
        {
            fields.Add(string.Create(CultureInfo.InvariantCulture, $"RTMR{i}"), domain.Rtmr(i), $"extended at run time, by custom with {registers[i]}");
        }

        fields.Add("TDATTRIBUTES", domain.TdAttributes, "how the trust domain was started");
        fields.AddBit("DEBUG", domain.IsDebug, "under debug: the host can read its memory", "not under debug");
        fields.AddBit("SEPT_VE_DISABLE", domain.SeptVeDisable, "the host cannot inject exceptions by taking pages away", "the host can inject exceptions by taking pages away");
        fields.AddBit("MIGRATABLE", domain.IsMigratable, "may be moved to another platform by a service trust domain", "stays on its platform");
        fields.AddBit("PERFMON", domain.HasPerformanceMonitoring, "performance counters are the domain's own", "no performance counters");
        fields.Add("XFAM", domain.Xfam, "processor features that the domain may use");
        fields.Add("MRCONFIGID", domain.MrConfigId, "configuration chosen by the owner at start");
        fields.Add("MROWNER", domain.MrOwner, "an owner named at start");
        fields.Add("MROWNERCONFIG", domain.MrOwnerConfig, "the owner's configuration named at start");
        fields.Add("MRSEAM", domain.MrSeam, "the hash of the TDX module, which stands between host and domain");
        fields.Add("MRSIGNERSEAM", domain.MrSignerSeam, "who signed the TDX module; zero is Intel");
        fields.Add("SEAMATTRIBUTES", domain.SeamAttributes, "how the TDX module runs; zero for production");
        fields.Add("TEE_TCB_SVN", domain.TeeTcbSvn, "security versions of the TDX module and its loader, judged by TCB info");
        if (domain.Is15)
        {
            fields.Add("TEE_TCB_SVN_2", domain.TeeTcbSvn2, "the same as of now: the module may have been updated under the running domain");
            fields.Add("MRSERVICETD", domain.MrServiceTd, "the service trust domain bound to this one; zero for none");
        }

        fields.Add("REPORTDATA", domain.ReportData, "what the domain itself chose to bind: a nonce, or the hash of its keys");
        if (domain.IsExtended)
        {
            ExplainHistory(domain, fields);
        }
    }

    private static void ExplainHistory(TdReport domain, FieldList fields)
    {
        fields.Section("trust domain's history");
        fields.Add("TDID", domain.TdId, "drawn anew at each launch; zero where the host did not switch it on");
        fields.Add("VMID", domain.Vmid, "which partition of the domain asked for the report; 0 for one that is not partitioned");
        fields.Add("DEVINFO", domain.DeviceInformation, "the hash of what is told of attached devices; zero for none");
        fields.Add("INIT_SERVTD_HASH", domain.InitialServiceTdHash, "service trust domains, or the migration policy, at creation");
        fields.Add("INIT_SERVTD_ATTR", domain.InitialServiceTdAttributes, "how they were bound at creation");
        fields.Add("INIT_CPUSVN", domain.InitialCpuSvn, "the processor's security version at creation");
        fields.Add("INIT_TEE_TCB_SVN", domain.InitialTeeTcbSvn, "security versions of the TDX module and its loader at creation");
        fields.Add("INIT_TEE_FMSPC", domain.InitialFmspc, "the platform's family at creation: another than now for a domain that was moved");
        fields.Add("CURR_SERVTD_HASH", domain.CurrentServiceTdHash, "service trust domains that are bound now");
        fields.Add("CURR_SERVTD_ATTR", domain.CurrentServiceTdAttributes, "how they are bound now");
    }

    private static Failure? ExplainChain(IntelQuote quote, FieldList fields)
    {
        Outcome<IReadOnlyList<Certificate>> chain = Pem.ParseQuoted(quote.PckChain.Span, "PCK chain");
        if (!chain.Succeeded)
        {
            return chain.Failure;
        }

        foreach (Certificate certificate in chain.Value)
        {
            fields.Section($"certificate {certificate.SubjectName}");
            fields.Add(certificate);
        }

        Outcome<PckExtension> platform = PckExtension.Of(chain.Value[0]);
        if (!platform.Succeeded)
        {
            return platform.Failure;
        }

        fields.Section("platform");
        fields.Add("FMSPC", platform.Value.Fmspc, "the platform's family: which TCB info applies");
        fields.Add("PCEID", platform.Value.PceId, "the provisioning enclave's identifier");
        fields.Add("SGX TCB components", platform.Value.ComponentSvns.AsSpan(), "security versions of microcode and firmware that the key was certified for");
        fields.Add("PCESVN", (ulong)platform.Value.PceSvn, "security version of the provisioning enclave");
        return null;
    }
}
