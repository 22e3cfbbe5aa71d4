using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Culvert.Attestation.Tests.Forge;

/// <summary>A TPM of the tests' own with an ECDSA attestation key, its certificate, registers and event log. Change a property, then ask for evidence.</summary>
internal sealed class TpmForge : IDisposable
{
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal TpmForge()
    {
        Authority = CertificateForge.Authority("TPM authority", _authorityKey);
        AkCertificate = CertificateForge.Leaf("AK", _key, Authority);
        Events.AddRange([(0, "firmware"), (4, "boot loader"), (7, "secure boot on"), (4, "kernel")]);
    }

    internal X509Certificate2 Authority { get; }

    internal X509Certificate2 AkCertificate { get; }

    internal byte[] Nonce { get; set; } = [1, 2, 3, 4];

    /// <summary>fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign.</summary>
    internal uint KeyAttributes { get; set; } = 0x50072;

    internal byte StartupLocality { get; set; }

    internal List<(int Register, string Event)> Events { get; } = [];

    /// <summary>The registers as they are; what the log says otherwise is somebody's lie.</summary>
    internal byte[][] Registers()
    {
        byte[][] registers = [.. Enumerable.Range(0, 24).Select(index => Enumerable.Repeat((byte)(index is >= 17 and <= 22 ? 0xFF : 0), 32).ToArray())];
        registers[0][31] = StartupLocality;
        foreach ((int register, string what) in Events)
        {
            registers[register] = SHA256.HashData([.. registers[register], .. EventLogForge.Digest(what)]);
        }

        return registers;
    }

    internal VerificationPolicy Policy => new() { TpmRoots = [Authority.RawData] };

    internal Dictionary<string, ReadOnlyMemory<byte>> Files()
    {
        byte[][] registers = Registers();
        byte[] attest = Attest(Nonce, SHA256.HashData([.. registers.SelectMany(value => value)]));
        byte[] signature = _key.SignData(attest, HashAlgorithmName.SHA256);
        return new()
        {
            ["quote.attest.bin"] = attest,
            ["quote.tpmt-signature.bin"] = (byte[])[0, 0x18, 0, 0x0B, 0, 32, .. signature[..32], 0, 32, .. signature[32..]],
            ["ak-certificate.der"] = AkCertificate.RawData,
            ["ak-public.tpmt-public.bin"] = PublicArea(),
            ["pcrs-sha256.json"] = JsonSerializer.SerializeToUtf8Bytes(registers.Select(Convert.ToHexStringLower)),
            ["event-log.bin"] = EventLogForge.Write(Events, StartupLocality),
        };
    }

    internal AttestationVerdict Verify(Dictionary<string, ReadOnlyMemory<byte>>? files = null, VerificationPolicy? policy = null) =>
        Verifier.Verify(Samples.Of(files ?? Files()), Collateral.None, CertificateForge.Now, policy ?? Policy);

    public void Dispose()
    {
        foreach (IDisposable owned in new IDisposable[] { _authorityKey, _key, Authority, AkCertificate })
        {
            owned.Dispose();
        }
    }

    /// <summary>A quote over all 24 registers of the SHA-256 bank.</summary>
    internal static byte[] Attest(byte[] nonce, byte[] digest) =>
    [
        0xFF, 0x54, 0x43, 0x47, 0x80, 0x18,
        0, 2, 0, 0x0B,
        0, (byte)nonce.Length, .. nonce,
        .. new byte[8], 0, 0, 0, 9, 0, 0, 0, 1, 1,
        .. new byte[7], 5,
        0, 0, 0, 1, 0, 0x0B, 3, 0xFF, 0xFF, 0xFF,
        0, 32, .. digest,
    ];

    private byte[] PublicArea()
    {
        ECPoint point = _key.ExportParameters(false).Q;
        byte[] attributes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(attributes, KeyAttributes);
        return [0, 0x23, 0, 0x0B, .. attributes, 0, 0, 0, 0x10, 0, 0x18, 0, 0x0B, 0, 3, 0, 0x10, 0, 32, .. point.X!, 0, 32, .. point.Y!];
    }
}
