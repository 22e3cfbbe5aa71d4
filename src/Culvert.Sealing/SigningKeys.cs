using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// Signing keys that follow from an owner's secret (docs/keys.md): ECDSA on P-256. The same each time, so that nothing but the
/// secret has to be kept. What is returned is the caller's to dispose.
/// </summary>
public static class SigningKeys
{
    /// <summary>The key with which the owner signs manifests and countersigns proofs. Its public half is <c>owner.pub</c>.</summary>
    public static ECDsa OfOwner(Secret owner) => Derive(owner, "owner signing");

    /// <summary>The key with which the owner's broker signs attestation results; the manifest names it.</summary>
    public static ECDsa OfBroker(Secret owner) => Derive(owner, "broker signing");

    /// <summary>The key of the certificate authority whose certificate the owner's broker shows to its clients.</summary>
    public static ECDsa OfBrokerAuthority(Secret owner) => Derive(owner, "broker authority");

    /// <summary>The key with which a store's owner, or one of its writers, signs configurations, metadata and leases of stored units.</summary>
    public static ECDsa OfStore(Secret owner) => Derive(owner, "store signing");

    /// <summary>A key that nobody has had before: an enclave's, for one release.</summary>
    public static ECDsa Generate(IEntropy entropy)
    {
        using Secret input = Secret.Random(entropy);
        return Import(input);
    }

    /// <summary>The name of a public key: SHA-256 of its SubjectPublicKeyInfo.</summary>
    public static byte[] IdentityOf(ECDsa key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo());

    private static ECDsa Derive(Secret owner, string label)
    {
        using Secret input = KeySchedule.Derive(owner, [], label, []);
        return Import(input);
    }

    private static ECDsa Import(Secret input)
    {
        // DeriveKeyPair (RFC 9180, section 7.1.3) makes a scalar of the group from any secret bytes.
        using HpkePrivateKey key = HpkePrivateKey.Derive(input.Bytes);
        byte[] scalar = GC.AllocateUninitializedArray<byte>(key.Scalar.Length, pinned: true);
        try
        {
            key.Scalar.CopyTo(scalar);
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }
}
