namespace Culvert.Attestation;

/// <summary>The kinds' names in documents and policies.</summary>
public static class EvidenceKindName
{
    private static readonly string[] s_names =
        ["unknown", "sgx", "tdx", "sev-snp", "azure-sev-snp", "azure-tdx", "aws-nitro", "tpm2-quote", "simulation"];

    /// <summary>The kind's name, such as <c>sev-snp</c>.</summary>
    public static string Of(EvidenceKind kind) => s_names[(int)kind];

    /// <summary>The kind of a name; <see cref="EvidenceKind.Unknown"/> when there is none of that name.</summary>
    public static EvidenceKind Parse(string name) => (EvidenceKind)Math.Max(0, Array.IndexOf(s_names, name));
}
