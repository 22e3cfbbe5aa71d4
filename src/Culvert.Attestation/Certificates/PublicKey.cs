using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// A public key: ECDSA on P-256 or P-384, or RSA of 2048 to 4096 bits. Immutable data; each verification makes its own
/// cryptographic object, so it is safe on any thread.
/// </summary>
internal sealed class PublicKey
{
    private const int RsaModulusBytesMin = 256;
    private const int RsaModulusBytesMax = 512;
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string P256 = "1.2.840.10045.3.1.7";
    private const string P384 = "1.3.132.0.34";

    private readonly ECParameters? _elliptic;
    private readonly RSAParameters? _rsa;
    private byte[]? _identity;

    private PublicKey(ECParameters elliptic) => _elliptic = elliptic;

    private PublicKey(RSAParameters rsa) => _rsa = rsa;

    internal bool IsElliptic => _elliptic is not null;

    /// <summary>Bytes of a coordinate on the curve, 32 or 48; 0 for RSA.</summary>
    internal int CoordinateBytes => _elliptic?.Q.X!.Length ?? 0;

    /// <summary>Bytes of an RSA modulus; 0 on a curve.</summary>
    internal int ModulusBytes => _rsa?.Modulus!.Length ?? 0;

    /// <summary>Whether it is the same key.</summary>
    internal bool Is(PublicKey other) =>
        (_elliptic, other._elliptic, _rsa, other._rsa) switch
        {
            ({ } a, { } b, _, _) => a.Q.X.AsSpan().SequenceEqual(b.Q.X) && a.Q.Y.AsSpan().SequenceEqual(b.Q.Y),
            (_, _, { } a, { } b) => a.Modulus.AsSpan().SequenceEqual(b.Modulus) && a.Exponent.AsSpan().SequenceEqual(b.Exponent),
            _ => false,
        };

    /// <summary>A key of its point's coordinates, big-endian; refused when the point is not on the curve.</summary>
    internal static Outcome<PublicKey> OfPoint(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        ECCurve? curve = (x.Length, y.Length) switch
        {
            (32, 32) => ECCurve.NamedCurves.nistP256,
            (48, 48) => ECCurve.NamedCurves.nistP384,
            _ => null,
        };
        if (curve is not { } known)
        {
            return new Failure(FailureKind.Malformed, $"public key: coordinates of {x.Length} and {y.Length} bytes; P-256 and P-384 are accepted");
        }

        return CurvePoint.IsOnCurve(x, y)
            ? new PublicKey(new ECParameters { Curve = known, Q = new ECPoint { X = x.ToArray(), Y = y.ToArray() } })
            : new Failure(FailureKind.Malformed, "public key: the point is not on its curve");
    }

    /// <summary>An RSA key; modulus big-endian, with or without leading zeros.</summary>
    internal static Outcome<PublicKey> OfRsa(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        modulus = modulus.TrimStart((byte)0);
        exponent = exponent.TrimStart((byte)0);
        if (modulus.Length is < RsaModulusBytesMin or > RsaModulusBytesMax || modulus[0] < 0x80 || (modulus[^1] & 1) == 0)
        {
            return new Failure(FailureKind.Malformed, $"public key: an RSA modulus of {modulus.Length} bytes; 2048 to 4096 bits are accepted");
        }

        if (exponent.Length is 0 or > 4 || (exponent[^1] & 1) == 0 || (exponent.Length == 1 && exponent[0] < 3))
        {
            return new Failure(FailureKind.Malformed, "public key: the RSA exponent is not odd, over 2 and of at most 4 bytes");
        }

        return new PublicKey(new RSAParameters { Modulus = modulus.ToArray(), Exponent = exponent.ToArray() });
    }

    /// <summary>Reads SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).</summary>
    internal static Outcome<PublicKey> OfSubjectPublicKeyInfo(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            AsnReader reader = new(encoded, AsnEncodingRules.DER);
            AsnReader info = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            AsnReader algorithm = info.ReadSequence();
            string oid = algorithm.ReadObjectIdentifier();
            byte[] key = info.ReadBitString(out int unused);
            info.ThrowIfNotEmpty();
            if (unused != 0)
            {
                return Refused("its bits do not fill bytes");
            }

            switch (oid)
            {
                case EcPublicKey:
                    string curve = algorithm.ReadObjectIdentifier();
                    algorithm.ThrowIfNotEmpty();
                    return OfUncompressedPoint(curve, key);
                case RsaEncryption:
                    algorithm.ReadNull();
                    algorithm.ThrowIfNotEmpty();
                    AsnReader outer = new(key, AsnEncodingRules.DER);
                    AsnReader rsa = outer.ReadSequence();
                    outer.ThrowIfNotEmpty();
                    ReadOnlyMemory<byte> modulus = rsa.ReadIntegerBytes();
                    ReadOnlyMemory<byte> exponent = rsa.ReadIntegerBytes();
                    rsa.ThrowIfNotEmpty();
                    return OfRsa(modulus.Span, exponent.Span);
                default:
                    return Refused($"algorithm {oid} is not accepted");
            }
        }
        catch (AsnContentException e)
        {
            return Refused(e.Message);
        }
    }

    /// <summary>The key as bytes that no other key has: its kind's length, then its numbers.</summary>
    internal ReadOnlySpan<byte> Identity => _identity ??= _elliptic is { } point ? [(byte)CoordinateBytes, .. point.Q.X!, .. point.Q.Y!]
        : [0, .. _rsa!.Value.Exponent!, 0, .. _rsa.Value.Modulus!];

    /// <summary>SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), uncompressed.</summary>
    internal byte[] ToSubjectPublicKeyInfo()
    {
        using AsymmetricAlgorithm key = _elliptic is { } point ? ECDsa.Create(point) : RSA.Create(_rsa!.Value);
        return key.ExportSubjectPublicKeyInfo();
    }

    /// <summary>Verifies r and s as fixed-length big-endian numbers, one after the other.</summary>
    internal bool VerifiesFixed(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        if (_elliptic is not { } parameters || signature.Length != 2 * CoordinateBytes)
        {
            return false;
        }

        try
        {
            using ECDsa key = ECDsa.Create(parameters);
            return key.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Verifies RSASSA-PKCS1-v1_5, or RSASSA-PSS with a salt as long as the hash.</summary>
    internal bool VerifiesRsa(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash, RSASignaturePadding padding)
    {
        if (_rsa is not { } parameters || signature.Length != parameters.Modulus!.Length)
        {
            return false;
        }

        try
        {
            using RSA key = RSA.Create(parameters);
            return key.VerifyData(data, signature, hash, padding);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Verifies a signature as certificates and revocation lists bear them (ECDSA: a DER sequence of r and s).</summary>
    internal bool Verifies(ReadOnlySpan<byte> data, ReadOnlyMemory<byte> signature, SignatureAlgorithm algorithm) => algorithm switch
    {
        SignatureAlgorithm.EcdsaSha256 => VerifiesDer(data, signature, HashAlgorithmName.SHA256),
        SignatureAlgorithm.EcdsaSha384 => VerifiesDer(data, signature, HashAlgorithmName.SHA384),
        SignatureAlgorithm.RsaPkcs1Sha256 => VerifiesRsa(data, signature.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        SignatureAlgorithm.RsaPkcs1Sha384 => VerifiesRsa(data, signature.Span, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
        SignatureAlgorithm.RsaPkcs1Sha512 => VerifiesRsa(data, signature.Span, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        SignatureAlgorithm.RsaPssSha384 => VerifiesRsa(data, signature.Span, HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
        _ => false,
    };

    private bool VerifiesDer(ReadOnlySpan<byte> data, ReadOnlyMemory<byte> signature, HashAlgorithmName hash)
    {
        if (!IsElliptic)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[2 * CoordinateBytes];
        try
        {
            AsnReader reader = new(signature, AsnEncodingRules.DER);
            AsnReader pair = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            bool fits = Place(pair.ReadIntegerBytes().Span, bytes[..CoordinateBytes]) && Place(pair.ReadIntegerBytes().Span, bytes[CoordinateBytes..]);
            pair.ThrowIfNotEmpty();
            return fits && VerifiesFixed(data, bytes, hash);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool Place(ReadOnlySpan<byte> number, Span<byte> into)
    {
        if (number[0] >= 0x80)
        {
            return false;
        }

        number = number.TrimStart((byte)0);
        if (number.Length > into.Length)
        {
            return false;
        }

        into.Clear();
        number.CopyTo(into[(into.Length - number.Length)..]);
        return true;
    }

    private static Outcome<PublicKey> OfUncompressedPoint(string curve, ReadOnlySpan<byte> point)
    {
        int coordinate = curve switch { P256 => 32, P384 => 48, _ => 0 };
        return coordinate != 0 && point.Length == 1 + (2 * coordinate) && point[0] == 4
            ? OfPoint(point[1..(1 + coordinate)], point[(1 + coordinate)..])
            : Refused($"no uncompressed point of P-256 or P-384 (curve {curve}, {point.Length} bytes)");
    }

    private static Failure Refused(string why) => new(FailureKind.Malformed, $"public key: {why}");
}
