using System.Text;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>What Intel publishes for a platform, as <c>collateral.json</c> holds it: nine texts. Nothing in it is verified yet.</summary>
internal sealed record IntelCollateral
{
    internal required byte[] PckCrlIssuerChain { get; init; }

    internal required byte[] TcbInfoIssuerChain { get; init; }

    internal required byte[] QeIdentityIssuerChain { get; init; }

    internal required byte[] RootCrl { get; init; }

    internal required byte[] PckCrl { get; init; }

    /// <summary>The exact JSON text that is signed.</summary>
    internal required byte[] TcbInfo { get; init; }

    internal required byte[] TcbInfoSignature { get; init; }

    /// <summary>The exact JSON text that is signed.</summary>
    internal required byte[] QeIdentity { get; init; }

    internal required byte[] QeIdentitySignature { get; init; }

    internal static Outcome<IntelCollateral> Parse(ReadOnlyMemory<byte> text) =>
        JsonFields.Read(text, EvidenceFile.IntelCollateral, root => new IntelCollateral
        {
            PckCrlIssuerChain = Utf8(root, "pck_crl_issuer_chain"),
            TcbInfoIssuerChain = Utf8(root, "tcb_info_issuer_chain"),
            QeIdentityIssuerChain = Utf8(root, "qe_identity_issuer_chain"),
            RootCrl = JsonFields.OfHex(root.Text("root_ca_crl"), "root_ca_crl"),
            PckCrl = JsonFields.OfHex(root.Text("pck_crl"), "pck_crl"),
            TcbInfo = Utf8(root, "tcb_info"),
            TcbInfoSignature = root.Hex("tcb_info_signature", 64),
            QeIdentity = Utf8(root, "qe_identity"),
            QeIdentitySignature = root.Hex("qe_identity_signature", 64),
        });

    private static byte[] Utf8(JsonElement root, string name) => Encoding.UTF8.GetBytes(root.Text(name));
}
