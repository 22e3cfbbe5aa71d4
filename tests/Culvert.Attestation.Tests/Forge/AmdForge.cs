using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Culvert.Attestation.Tests.Forge;

/// <summary>An AMD of the tests' own: a product's root and intermediates, a chip and its reports. Change a property, then ask for evidence.</summary>
internal sealed class AmdForge : IDisposable
{
    private const string Oid = "1.3.6.1.4.1.3704.1";

    // Making RSA keys is slow, and no test depends on whose they are.
    private static readonly RSA s_arkKey = RSA.Create(2048);
    private static readonly RSA s_askKey = RSA.Create(2048);
    private static readonly RSA s_asvkKey = RSA.Create(2048);

    private readonly AmdProduct _product;
    private readonly ECDsa _leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    internal AmdForge(AmdProduct product)
    {
        _product = product;
        Ark = CertificateForge.Authority($"ARK-{product}", s_arkKey);
        Ask = CertificateForge.Authority($"SEV-{product}", s_askKey, Ark);
        Asvk = CertificateForge.Authority($"SEV-VLEK-{product}", s_asvkKey, Ark);
    }

    internal X509Certificate2 Ark { get; }

    internal X509Certificate2 Ask { get; }

    internal X509Certificate2 Asvk { get; }

    internal bool IsTurin => _product == AmdProduct.Turin;

    internal uint Version { get; set; } = 3;

    internal ulong Policy { get; set; } = 0x30000;

    internal uint Vmpl { get; set; }

    internal uint KeyInfo { get; set; }

    internal bool UsesVlek { get; set; }

    /// <summary>Signs the leaf with the other intermediate than its kind has.</summary>
    internal bool SwapsAuthorities { get; set; }

    internal byte[] ChipId { get; set; } = [];

    internal byte[] ReportData { get; set; } = new byte[64];

    internal byte[] Revocations { get; set; } = [];

    /// <summary>Parts in the report's order of a product: boot loader, TEE, SNP, microcode, and Turin's FMC.</summary>
    internal (byte Bootloader, byte Tee, byte Snp, byte Microcode, byte Fmc) Tcb { get; set; } = (9, 1, 23, 72, 2);

    /// <summary>What the certificate says of SNP's part; otherwise as the report.</summary>
    internal byte? CertifiedSnp { get; set; }

    internal (byte Family, byte Model)? Cpu { get; set; }

    internal VendorRoots Roots => VendorRoots.BuiltIn with
    {
        Amd = [.. VendorRoots.BuiltIn.Amd.Select(root => root.Product == _product
            ? new AmdRoot(_product, CertificateForge.Read(Ark), CertificateForge.Read(Ask), CertificateForge.Read(Asvk))
            : root)],
    };

    internal AttestationVerdict Verify(VerificationPolicy? policy = null) =>
        Verifier.Verify(Samples.Of(Files()), Collateral.None, CertificateForge.Now, policy ?? VerificationPolicy.None, Roots);

    internal Dictionary<string, ReadOnlyMemory<byte>> Files()
    {
        byte[] hardwareId = [.. Enumerable.Repeat((byte)0x5A, IsTurin ? 8 : 64)];
        List<X509Extension> extensions =
        [
            new($"{Oid}.2", Encoded(writer => writer.WriteCharacterString(UniversalTagNumber.IA5String, _product == AmdProduct.Turin ? "Turin" : $"{_product}-B1")), false),
            Number("3.1", Tcb.Bootloader),
            Number("3.2", Tcb.Tee),
            Number("3.3", CertifiedSnp ?? Tcb.Snp),
            Number("3.8", Tcb.Microcode),
        ];
        if (IsTurin)
        {
            extensions.Add(Number("3.9", Tcb.Fmc));
        }

        extensions.Add(UsesVlek
            ? new X509Extension($"{Oid}.5", Encoded(writer => writer.WriteCharacterString(UniversalTagNumber.IA5String, "A provider")), false)
            : new X509Extension($"{Oid}.4", hardwareId, false));
        X509Certificate2 authority = UsesVlek != SwapsAuthorities ? Asvk : Ask;
        using X509Certificate2 leaf = CertificateForge.Leaf(UsesVlek ? "SEV-VLEK" : "SEV-VCEK", _leafKey, authority, [.. extensions]);
        Dictionary<string, ReadOnlyMemory<byte>> files = new()
        {
            ["report.bin"] = Report(hardwareId),
            [UsesVlek ? "vlek.der" : "vcek.der"] = leaf.RawData,
        };
        if (Revocations.Length > 0)
        {
            files["crl.der"] = Revocations;
        }

        return files;
    }

    public void Dispose()
    {
        foreach (IDisposable owned in new IDisposable[] { _leafKey, Ark, Ask, Asvk })
        {
            owned.Dispose();
        }
    }

    private byte[] Report(byte[] hardwareId)
    {
        byte[] report = new byte[1184];
        BinaryPrimitives.WriteUInt32LittleEndian(report, Version);
        BinaryPrimitives.WriteUInt64LittleEndian(report.AsSpan(8), Policy);
        BinaryPrimitives.WriteUInt32LittleEndian(report.AsSpan(0x30), Vmpl);
        report[0x34] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(report.AsSpan(0x48), KeyInfo | (UsesVlek ? 4u : 0));
        ReportData.CopyTo(report, 0x50);
        report.AsSpan(0x90, 48).Fill(0x3E);
        foreach (int offset in new[] { 0x38, 0x180, 0x1E0, 0x1F0 })
        {
            TcbBytes().CopyTo(report, offset);
        }

        if (Version >= 3)
        {
            (report[0x188], report[0x189]) = Cpu ?? _product switch { AmdProduct.Milan => (0x19, 0x01), AmdProduct.Genoa => (0x19, 0x11), _ => ((byte)0x1A, (byte)0x02) };
        }

        (UsesVlek ? [] : ChipId.Length > 0 ? ChipId : hardwareId).CopyTo(report, 0x1A0);
        byte[] signature = _leafKey.SignData(report.AsSpan(0, 0x2A0), HashAlgorithmName.SHA384);
        Array.Reverse(signature, 0, 48);
        Array.Reverse(signature, 48, 48);
        signature.AsSpan(0, 48).CopyTo(report.AsSpan(0x2A0));
        signature.AsSpan(48).CopyTo(report.AsSpan(0x2A0 + 72));
        return report;
    }

    private byte[] TcbBytes() => IsTurin
        ? [Tcb.Fmc, Tcb.Bootloader, Tcb.Tee, Tcb.Snp, 0, 0, 0, Tcb.Microcode]
        : [Tcb.Bootloader, Tcb.Tee, 0, 0, 0, 0, Tcb.Snp, Tcb.Microcode];

    private static X509Extension Number(string name, byte value) => new($"{Oid}.{name}", Encoded(writer => writer.WriteInteger(value)), false);

    private static byte[] Encoded(Action<AsnWriter> write)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }
}
