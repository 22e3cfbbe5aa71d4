using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Culvert.Attestation.Tests.Forge;

/// <summary>
/// An Intel of the tests' own: root, authorities, a platform and its quotes, with collateral. Everything is as Intel has it
/// but for the keys, so that what no real sample shows (revocation, every status, updates) can be tried. Change a property,
/// then ask for evidence.
/// </summary>
internal sealed class IntelForge : IDisposable
{
    private const string Sgx = "1.2.840.113741.1.13.1";
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _pckKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _tcbKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _attestationKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal IntelForge(bool tdx)
    {
        IsTdx = tdx;
        Root = CertificateForge.Authority("Intel SGX Root CA", _rootKey);
        Authority = CertificateForge.Authority("Intel SGX PCK Platform CA", _authorityKey, Root);
        Pck = CertificateForge.Leaf("Intel SGX PCK Certificate", _pckKey, Authority, new X509Extension(Sgx, Platform(), false));
        TcbSigner = CertificateForge.Leaf("Intel SGX TCB Signing", _tcbKey, Root);
    }

    internal bool IsTdx { get; }

    internal X509Certificate2 Root { get; }

    internal X509Certificate2 Authority { get; }

    internal X509Certificate2 Pck { get; }

    internal X509Certificate2 TcbSigner { get; }

    internal List<X509Certificate2> RevokedByRoot { get; } = [];

    internal List<X509Certificate2> RevokedByAuthority { get; } = [];

    /// <summary>TDX quotes' version: 4, or 5 with the body of TDX 1.5.</summary>
    internal int Version { get; set; } = 4;

    /// <summary>Of version 5: 3 is the body of TDX 1.5, 4 the extended one.</summary>
    internal byte BodyType { get; set; } = 3;

    internal byte[] ReportData { get; set; } = new byte[64];

    internal byte SgxAttributes { get; set; } = 0x05;

    internal ulong TdAttributes { get; set; } = 1UL << 28;

    internal byte[] TeeTcbSvn { get; set; } = [5, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    internal byte[]? TeeTcbSvn2 { get; set; }

    internal ushort QeIsvSvn { get; set; } = 4;

    internal byte QeSigner { get; set; } = 0xDC;

    internal string Fmspc { get; set; } = "00A067110000";

    internal string TcbInfoId { get; set; } = "";

    internal int EvaluationNumber { get; set; } = 18;

    /// <summary>Levels of the platform: the least SGX component, the least TDX component 2, status, advisories.</summary>
    internal List<(int Sgx, int Tdx, string Status, string[] Advisories)> Levels { get; } = [(5, 3, "UpToDate", [])];

    internal List<(int IsvSvn, string Status)> ModuleLevels { get; } = [(5, "UpToDate"), (3, "OutOfDate"), (2, "Revoked")];

    internal List<(int IsvSvn, string Status)> QeLevels { get; } = [(4, "UpToDate"), (2, "OutOfDate"), (1, "Revoked")];

    internal DateTimeOffset TcbInfoNextUpdate { get; set; } = CertificateForge.To;

    internal bool SignTcbInfoWithPck { get; set; }

    internal VendorRoots Roots => VendorRoots.BuiltIn with { Intel = CertificateForge.Read(Root) };

    internal AttestationVerdict Verify(VerificationPolicy? policy = null) =>
        Verifier.Verify(Samples.Of(Files()), Collateral.None, CertificateForge.Now, policy ?? VerificationPolicy.None, Roots);

    internal Dictionary<string, ReadOnlyMemory<byte>> Files() => new() { ["quote.bin"] = Quote(), ["collateral.json"] = CollateralText() };

    public void Dispose()
    {
        foreach (IDisposable owned in new IDisposable[] { _rootKey, _authorityKey, _pckKey, _tcbKey, _attestationKey, Root, Authority, Pck, TcbSigner })
        {
            owned.Dispose();
        }
    }

    private byte[] Quote()
    {
        byte[] body = IsTdx ? Domain() : Enclave(SgxAttributes, signer: 0x83, isvSvn: 7, ReportData);
        byte[] header = new byte[48];
        header[0] = (byte)(IsTdx ? Version : 3);
        header[2] = 2;
        header[4] = (byte)(IsTdx ? 0x81 : 0);
        byte[] size = Version == 5 && IsTdx ? [BodyType, 0, .. U32(body.Length)] : [];
        byte[] signed = [.. header, .. size, .. body];
        ECPoint point = _attestationKey.ExportParameters(false).Q;
        byte[] key = [.. point.X!, .. point.Y!];
        byte[] authentication = new byte[32];
        byte[] binding = [.. SHA256.HashData([.. key, .. authentication]), .. new byte[32]];
        byte[] qe = Enclave(0x11, QeSigner, QeIsvSvn, binding);
        byte[] chain = Encoding.ASCII.GetBytes(CertificateForge.Pem(Pck, Authority, Root));
        byte[] inner = [.. qe, .. _pckKey.SignData(qe, HashAlgorithmName.SHA256), 32, 0, .. authentication, 5, 0, .. U32(chain.Length), .. chain];
        byte[] wrapped = IsTdx ? [6, 0, .. U32(inner.Length), .. inner] : inner;
        byte[] data = [.. _attestationKey.SignData(signed, HashAlgorithmName.SHA256), .. key, .. wrapped];
        return [.. signed, .. U32(data.Length), .. data];
    }

    private static byte[] Enclave(byte attributes, byte signer, ushort isvSvn, byte[] reportData)
    {
        byte[] report = new byte[384];
        report[48] = attributes;
        report.AsSpan(64, 32).Fill(0xE1);
        report.AsSpan(128, 32).Fill(signer);
        BinaryPrimitives.WriteUInt16LittleEndian(report.AsSpan(256), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(report.AsSpan(258), isvSvn);
        reportData.CopyTo(report, 320);
        return report;
    }

    private byte[] Domain()
    {
        byte[] report = new byte[Version == 5 ? BodyType == 4 ? 885 : 648 : 584];
        TeeTcbSvn.CopyTo(report, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(report.AsSpan(120), TdAttributes);
        report.AsSpan(136, 48).Fill(0x77);
        for (int i = 0; i < 4; i++)
        {
            report.AsSpan(328 + (48 * i), 48).Fill((byte)(0xA0 + i));
        }

        ReportData.CopyTo(report, 520);
        if (Version == 5)
        {
            (TeeTcbSvn2 ?? TeeTcbSvn).CopyTo(report, 584);
            report.AsSpan(Math.Min(649, report.Length)..).Fill(0x1D);
        }

        return report;
    }

    /// <summary>PPID 9a…, components 5, PCE 11, FMSPC 00a067110000.</summary>
    private static byte[] Platform()
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            WriteEntry(writer, "1", () => writer.WriteOctetString([.. Enumerable.Repeat((byte)0x9A, 16)]));
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier($"{Sgx}.2");
                using (writer.PushSequence())
                {
                    for (int i = 1; i <= 17; i++)
                    {
                        WriteEntry(writer, $"2.{i}", () => writer.WriteInteger(i == 17 ? 11 : 5));
                    }

                    WriteEntry(writer, "2.18", () => writer.WriteOctetString(new byte[16]));
                }
            }

            WriteEntry(writer, "3", () => writer.WriteOctetString([0, 0]));
            WriteEntry(writer, "4", () => writer.WriteOctetString([0x00, 0xA0, 0x67, 0x11, 0, 0]));
        }

        return writer.Encode();
    }

    private static void WriteEntry(AsnWriter writer, string name, Action value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier($"{Sgx}.{name}");
            value();
        }
    }

    private byte[] CollateralText()
    {
        string info = TcbInfoText();
        string identity = QeIdentityText();
        ECDsa infoKey = SignTcbInfoWithPck ? _pckKey : _tcbKey;
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
        {
            ["pck_crl_issuer_chain"] = CertificateForge.Pem(Authority, Root),
            ["root_ca_crl"] = Convert.ToHexStringLower(CertificateForge.Revocations(Root, [.. RevokedByRoot])),
            ["pck_crl"] = Convert.ToHexStringLower(CertificateForge.Revocations(Authority, [.. RevokedByAuthority])),
            ["tcb_info_issuer_chain"] = SignTcbInfoWithPck ? CertificateForge.Pem(Pck, Authority, Root) : CertificateForge.Pem(TcbSigner, Root),
            ["tcb_info"] = info,
            ["tcb_info_signature"] = Convert.ToHexStringLower(infoKey.SignData(Encoding.UTF8.GetBytes(info), HashAlgorithmName.SHA256)),
            ["qe_identity_issuer_chain"] = CertificateForge.Pem(TcbSigner, Root),
            ["qe_identity"] = identity,
            ["qe_identity_signature"] = Convert.ToHexStringLower(_tcbKey.SignData(Encoding.UTF8.GetBytes(identity), HashAlgorithmName.SHA256)),
        });
    }

    private string TcbInfoText()
    {
        object module = new { mrsigner = new string('0', 96), attributes = new string('0', 16), attributesMask = new string('F', 16) };
        object[] levels = [.. Levels.Select(level => (object)new
        {
            tcb = new
            {
                sgxtcbcomponents = Components(level.Sgx, 16),
                pcesvn = 11,
                tdxtcbcomponents = IsTdx ? (object[])[new { svn = 5 }, new { svn = 0 }, new { svn = level.Tdx }, .. Components(0, 13)] : null,
            },
            tcbDate = Text(CertificateForge.From),
            tcbStatus = level.Status,
            advisoryIDs = level.Advisories,
        })];
        object moduleIdentity = new
        {
            id = "TDX_01",
            mrsigner = new string('0', 96),
            attributes = new string('0', 16),
            attributesMask = new string('F', 16),
            tcbLevels = IsvLevels(ModuleLevels),
        };
        return JsonSerializer.Serialize(new
        {
            id = TcbInfoId.Length > 0 ? TcbInfoId : IsTdx ? "TDX" : "SGX",
            version = 3,
            issueDate = Text(CertificateForge.From),
            nextUpdate = Text(TcbInfoNextUpdate),
            fmspc = Fmspc,
            pceId = "0000",
            tcbType = 0,
            tcbEvaluationDataNumber = EvaluationNumber,
            tdxModule = module,
            tdxModuleIdentities = new[] { moduleIdentity },
            tcbLevels = levels,
        });
    }

    private string QeIdentityText() => JsonSerializer.Serialize(new
    {
        id = IsTdx ? "TD_QE" : "QE",
        version = 2,
        issueDate = Text(CertificateForge.From),
        nextUpdate = Text(CertificateForge.To),
        tcbEvaluationDataNumber = EvaluationNumber,
        miscselect = "00000000",
        miscselectMask = "FFFFFFFF",
        attributes = "11" + new string('0', 30),
        attributesMask = "FBFFFFFFFFFFFFFF" + new string('0', 16),
        mrsigner = string.Concat(Enumerable.Repeat("DC", 32)),
        isvprodid = 2,
        tcbLevels = IsvLevels(QeLevels),
    });

    private static object[] IsvLevels(List<(int IsvSvn, string Status)> levels) =>
        [.. levels.Select(level => (object)new { tcb = new { isvsvn = level.IsvSvn }, tcbDate = Text(CertificateForge.From), tcbStatus = level.Status })];

    private static object[] Components(int svn, int count) => [.. Enumerable.Repeat((object)new { svn }, count)];

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static byte[] U32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
