using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Culvert.Attestation.Tests.Forge;

/// <summary>
/// An AWS of the tests' own: root, authority, a hypervisor's leaf and its documents, in both forms that hypervisors write.
/// Change a property, then ask for evidence.
/// </summary>
internal sealed class NitroForge : IDisposable
{
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa _leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    internal NitroForge()
    {
        Root = CertificateForge.Authority("aws.nitro-enclaves", _rootKey);
        Authority = CertificateForge.Authority("zonal.aws.nitro-enclaves", _authorityKey, Root);
        Leaf = CertificateForge.Leaf("i-0.aws", _leafKey, Authority);
    }

    internal X509Certificate2 Root { get; }

    internal X509Certificate2 Authority { get; }

    internal X509Certificate2 Leaf { get; }

    /// <summary>Whether the payload's map, its registers and its bundle are ended by a break instead of beginning with a length.</summary>
    internal bool IndefinitePayload { get; set; }

    internal bool IndefiniteRegisters { get; set; }

    internal bool IndefiniteBundle { get; set; }

    /// <summary>Between the last member and the payload's break.</summary>
    internal byte[] BehindMembers { get; set; } = [];

    /// <summary>Behind the payload's map.</summary>
    internal byte[] BehindPayload { get; set; } = [];

    internal byte FirstRegister { get; set; } = 0xA0;

    internal AttestationVerdict Verify() => Verifier.Verify(
        Evidence.Detect(Document()).Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, VendorRoots.BuiltIn with { Nitro = CertificateForge.Read(Root) });

    internal byte[] Document()
    {
        byte[] header = [0xA1, 0x01, 0x38, 0x22];
        byte[] payload = [.. Collection(0xA0, IndefinitePayload, 9, [.. Members(), .. BehindMembers]), .. BehindPayload];
        byte[] signed = [0x84, .. Text("Signature1"), .. Bytes(header), .. Bytes([]), .. Bytes(payload)];
        return [0x84, .. Bytes(header), 0xA0, .. Bytes(payload), .. Bytes(_leafKey.SignData(signed, HashAlgorithmName.SHA384))];
    }

    public void Dispose()
    {
        foreach (IDisposable owned in new IDisposable[] { _rootKey, _authorityKey, _leafKey, Root, Authority, Leaf })
        {
            owned.Dispose();
        }
    }

    private byte[] Members() =>
    [
        .. Text("module_id"), .. Text("i-0-enc0"),
        .. Text("digest"), .. Text("SHA384"),
        .. Text("timestamp"), 0x1B, 0, 0, 1, 0x9C, 0xE5, 3, 0x20, 0x5B,
        .. Text("pcrs"), .. Collection(0xA0, IndefiniteRegisters, 4, [.. Register(0, FirstRegister), .. Register(1, 0xA1), .. Register(2, 0xA2), .. Register(3, 0)]),
        .. Text("certificate"), .. Bytes(Leaf.RawData),
        .. Text("cabundle"), .. Collection(0x80, IndefiniteBundle, 2, [.. Bytes(Root.RawData), .. Bytes(Authority.RawData)]),
        .. Text("public_key"), 0xF6,
        .. Text("user_data"), .. Bytes([1, 2, 3]),
        .. Text("nonce"), 0xF6,
    ];

    private static byte[] Register(byte index, byte value) => [index, .. Bytes([.. Enumerable.Repeat(value, 48)])];

    private static byte[] Collection(byte major, bool indefinite, byte count, byte[] entries) =>
        indefinite ? [(byte)(major | 31), .. entries, 0xFF] : [(byte)(major | count), .. entries];

    private static byte[] Text(string text) => [(byte)(0x60 | text.Length), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Bytes(byte[] content)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)content.Length);
        return content.Length switch
        {
            < 24 => [(byte)(0x40 | content.Length), .. content],
            < 256 => [0x58, length[1], .. content],
            _ => [0x59, .. length, .. content],
        };
    }
}
