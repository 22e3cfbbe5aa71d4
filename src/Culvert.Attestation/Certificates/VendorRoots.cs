using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>The vendors' certificates that trust starts from. Tests make their own; everything else uses <see cref="BuiltIn"/>.</summary>
internal sealed record VendorRoots
{
    private static readonly Lazy<VendorRoots> s_builtIn = new(() => new VendorRoots
    {
        Intel = Load("intel-sgx-root-ca.pem")[0],
        Nitro = Load("aws-nitro-root-g1.pem")[0],
        Amd =
        [
            AmdRoot.Of(AmdProduct.Milan, Load("amd-milan-ask-ark.pem"), Load("amd-milan-asvk-ark.pem")),
            AmdRoot.Of(AmdProduct.Genoa, Load("amd-genoa-ask-ark.pem"), Load("amd-genoa-asvk-ark.pem")),
            AmdRoot.Of(AmdProduct.Turin, Load("amd-turin-ask-ark.pem"), Load("amd-turin-asvk-ark.pem")),
        ],
    });

    /// <summary>Intel SGX Root CA, AMD's ARKs with their intermediates, AWS Nitro root G1.</summary>
    internal static VendorRoots BuiltIn => s_builtIn.Value;

    internal required Certificate Intel { get; init; }

    internal required Certificate Nitro { get; init; }

    internal required ImmutableArray<AmdRoot> Amd { get; init; }

    /// <summary>What was verified before, under these roots or others.</summary>
    internal VerificationMemory Memory { get; init; } = new();

    private static IReadOnlyList<Certificate> Load(string name)
    {
        using Stream stream = typeof(VendorRoots).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the built-in certificate {name} is missing");
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return Pem.ParseChain(text, name).Value;
    }
}

/// <summary>A product's root key (ARK) and the keys that sign chips' (ASK) and cloud providers' (ASVK) keys.</summary>
internal sealed record AmdRoot(AmdProduct Product, Certificate Ark, Certificate Ask, Certificate Asvk)
{
    internal static AmdRoot Of(AmdProduct product, IReadOnlyList<Certificate> chips, IReadOnlyList<Certificate> providers) =>
        new(product, chips[1], chips[0], providers[0]);
}
