using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>A private key that signs: ECDSA on P-256 with SHA-256. Thread safe until it is disposed.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    /// <summary>Takes over a key on P-256, as <see cref="SigningKeys"/> gives it, and disposes it.</summary>
    public SigningKey(ECDsa key)
    {
        _key = key;
        PublicKey = VerifyingKey.Of(HpkePublicKey.Of(key.ExportParameters(includePrivateParameters: false).Q));
    }

    /// <summary>What verifies its signatures.</summary>
    public VerifyingKey PublicKey { get; }

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
