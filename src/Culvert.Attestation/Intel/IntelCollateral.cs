using System.Text;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// What Intel publishes for a platform, as <c>collateral.json</c> holds it: nine texts, each taken apart or with the reason why
/// it cannot be. Nothing in it is verified yet.
/// </summary>
internal sealed record IntelCollateral
{
    /// <summary>Null when nobody gave it: the quote holds the same authority.</summary>
    internal required Outcome<IReadOnlyList<Certificate>>? PckCrlIssuers { get; init; }

    internal required Outcome<IReadOnlyList<Certificate>> TcbInfoIssuers { get; init; }

    internal required Outcome<IReadOnlyList<Certificate>> QeIdentityIssuers { get; init; }

    internal required Outcome<RevocationList> RootRevocations { get; init; }

    internal required Outcome<RevocationList> PckRevocations { get; init; }

    internal required Outcome<TcbInfo> Info { get; init; }

    internal required Outcome<QeIdentity> Identity { get; init; }

    /// <summary>The exact JSON text that is signed.</summary>
    internal required byte[] TcbInfo { get; init; }

    internal required byte[] TcbInfoSignature { get; init; }

    /// <summary>The exact JSON text that is signed.</summary>
    internal required byte[] QeIdentity { get; init; }

    internal required byte[] QeIdentitySignature { get; init; }

    /// <summary>Reads the one document, by the names of Intel's library (<c>tcb_info_signature</c>) or in camel case.</summary>
    internal static Outcome<IntelCollateral> Parse(ReadOnlyMemory<byte> text) =>
        JsonFields.Read(text, EvidenceFile.IntelCollateral, root =>
        {
            IntelSignedText info = IntelSignedText.Read(root, "tcb_info", "tcbInfo", "tcbInfo");
            IntelSignedText identity = IntelSignedText.Read(root, "qe_identity", "qeIdentity", "enclaveIdentity");
            return Of(
                Chain(Value(root, "pck_crl_issuer_chain", "pckCrlIssuerChain"), "PCK CRL issuer chain"),
                Chain(Value(root, "tcb_info_issuer_chain", "tcbInfoIssuerChain"), "TCB info issuer chain"),
                Chain(Value(root, "qe_identity_issuer_chain", "qeIdentityIssuerChain"), "QE identity issuer chain"),
                List(Value(root, "root_ca_crl", "rootCaCrl"), "root CRL"),
                List(Value(root, "pck_crl", "pckCrl"), "PCK CRL"),
                info,
                identity);
        });

    internal static IntelCollateral Of(
        Outcome<IReadOnlyList<Certificate>>? pckCrlIssuers,
        Outcome<IReadOnlyList<Certificate>> tcbInfoIssuers,
        Outcome<IReadOnlyList<Certificate>> qeIdentityIssuers,
        Outcome<RevocationList> rootRevocations,
        Outcome<RevocationList> pckRevocations,
        IntelSignedText info,
        IntelSignedText identity) => new()
        {
            PckCrlIssuers = pckCrlIssuers,
            TcbInfoIssuers = tcbInfoIssuers,
            QeIdentityIssuers = qeIdentityIssuers,
            RootRevocations = rootRevocations,
            PckRevocations = pckRevocations,
            Info = Culvert.Attestation.TcbInfo.Parse(info.Text),
            Identity = Culvert.Attestation.QeIdentity.Parse(identity.Text),
            TcbInfo = info.Text,
            TcbInfoSignature = info.Signature,
            QeIdentity = identity.Text,
            QeIdentitySignature = identity.Signature,
        };

    private static string Value(JsonElement root, string name, string camelCase) =>
        root.TryGetProperty(name, out _) ? root.Text(name) : root.Find(camelCase, JsonValueKind.String)?.GetString() ?? root.Text(name);

    private static Outcome<IReadOnlyList<Certificate>> Chain(string text, string what) =>
        Pem.ParseChain(Encoding.UTF8.GetBytes(HeaderText.Decode(text)), what);

    /// <summary>A list in hexadecimal, as Intel's library hands it over, or in PEM.</summary>
    private static Outcome<RevocationList> List(string text, string what)
    {
        if (!text.StartsWith("-----BEGIN", StringComparison.Ordinal))
        {
            return RevocationList.Parse(JsonFields.OfHex(text, what), what);
        }

        Outcome<byte[]> encoded = Pem.ParseRevocations(Encoding.UTF8.GetBytes(text), what);
        return encoded.Succeeded ? RevocationList.Parse(encoded.Value, what) : encoded.Failure;
    }
}
