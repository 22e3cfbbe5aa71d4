using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// A private key that signs: ECDSA on P-256 with SHA-256. Derived from a secret, so that it is kept nowhere. Thread safe until it
/// is disposed.
/// </summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    private SigningKey(HpkePrivateKey scalar)
    {
        byte[] d = GC.AllocateUninitializedArray<byte>(scalar.Scalar.Length, pinned: true);
        try
        {
            scalar.Scalar.CopyTo(d);
            _key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }

        PublicKey = VerifyingKey.Of(scalar.PublicKey);
    }

    /// <summary>What verifies its signatures.</summary>
    public VerifyingKey PublicKey { get; }

    /// <summary>The same key for the same secret (DeriveKeyPair, RFC 9180, section 7.1.3); the secret has a label of its own for signing.</summary>
    public static SigningKey Derive(Secret secret)
    {
        using HpkePrivateKey scalar = HpkePrivateKey.Derive(secret.Bytes);
        return new SigningKey(scalar);
    }

    /// <summary>A signature, 64 bytes: r, s. Another one each time.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            return _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    /// <summary>Never the key.</summary>
    public override string ToString() => "redacted";
}
