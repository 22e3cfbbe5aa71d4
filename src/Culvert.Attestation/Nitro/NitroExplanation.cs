using System.Globalization;

namespace Culvert.Attestation;

/// <summary>A Nitro document's members in words.</summary>
internal static class NitroExplanation
{
    private static readonly string[] s_registers =
        ["the enclave's image", "its kernel and boot files", "its applications", "the role of the parent instance", "the parent instance's id", "", "", "", "the image's signing certificate"];

    internal static Failure? Explain(Evidence evidence, FieldList fields)
    {
        evidence.TryGet(EvidenceFile.NitroDocument, out ReadOnlyMemory<byte> bytes);
        Outcome<NitroDocument> parsed = NitroDocument.Parse(bytes);
        if (!parsed.Succeeded)
        {
            return parsed.Failure;
        }

        NitroDocument document = parsed.Value;
        fields.Section("document");
        fields.Add("module_id", document.ModuleId, "the parent instance and the enclave");
        fields.Add("timestamp", document.Timestamp, "milliseconds since 1970, by the hypervisor's clock");
        foreach ((int index, byte[] value) in document.Registers)
        {
            bool zero = !value.AsSpan().ContainsAnyExcept((byte)0);
            string what = index < s_registers.Length && s_registers[index].Length > 0 ? $"the hash of {s_registers[index]}" : "extended by the enclave itself";
            fields.Add(string.Create(CultureInfo.InvariantCulture, $"PCR{index}"), value, zero && index < 3 ? $"{what}; zero: the enclave runs in debug mode" : zero ? $"{what}; zero: not used" : what);
        }

        fields.Add("user_data", document.UserData ?? [], "what the enclave itself chose to bind");
        fields.Add("nonce", document.Nonce ?? [], "what whoever asked for the document gave");
        fields.Add("public_key", document.PublicKey ?? [], "a key of the enclave, for answers to it");
        fields.Section("certificate");
        Outcome<Certificate> leaf = Certificate.Parse(document.Certificate, "Nitro certificate");
        if (leaf.Succeeded)
        {
            fields.Add(leaf.Value);
        }

        return leaf.Failure;
    }
}
