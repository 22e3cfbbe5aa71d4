using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// A public key that verifies signatures: ECDSA on P-256 with SHA-256 (FIPS 186-5). Always a point of the curve. Equal by value;
/// thread safe.
/// </summary>
public sealed class VerifyingKey : IEquatable<VerifyingKey>
{
    /// <summary>Bytes of a key: 04, x, y.</summary>
    public const int SizeBytes = HpkePublicKey.SizeBytes;

    /// <summary>Bytes of a signature: r, s.</summary>
    public const int SignatureBytes = 64;

    private readonly HpkePublicKey _point;
    private readonly Lock _lock = new();
    private ECDsa? _key;

    private VerifyingKey(HpkePublicKey point) => _point = point;

    /// <summary>The 65 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _point.Bytes;

    /// <summary>Its short name: the first 16 bytes of its SHA-256.</summary>
    public UInt128 Id => IdOf(Bytes);

    /// <summary>Reads a key that may come from an adversary.</summary>
    public static Outcome<VerifyingKey> TryRead(ReadOnlySpan<byte> bytes)
    {
        Outcome<HpkePublicKey> point = HpkePublicKey.TryRead(bytes);
        return point.Succeeded ? new VerifyingKey(point.Value) : point.Failure;
    }

    /// <summary>The short name of a public key's bytes.</summary>
    public static UInt128 IdOf(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    /// <summary>Whether the holder of the private key signed exactly these bytes.</summary>
    public bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureBytes)
        {
            return false;
        }

        // OpenSSL's keys are safe to share when verifying, but .NET does not promise it.
        lock (_lock)
        {
            _key ??= ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = _point.Point });
            return _key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    /// <inheritdoc/>
    public bool Equals(VerifyingKey? other) => other is not null && _point.Equals(other._point);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifyingKey);

    /// <inheritdoc/>
    public override int GetHashCode() => _point.GetHashCode();

    /// <summary>Hexadecimal: a public key is no secret.</summary>
    public override string ToString() => _point.ToString();

    internal static VerifyingKey Of(HpkePublicKey point) => new(point);
}
