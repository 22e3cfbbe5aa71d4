using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>A TPMT_SIGNATURE (TPM 2.0 library, part 2, 11.3.4): RSASSA, RSAPSS or ECDSA with SHA-256, SHA-384 or SHA-512.</summary>
internal sealed record TpmSignature(ushort Scheme, TpmHash Hash, ReadOnlyMemory<byte> First, ReadOnlyMemory<byte> Second)
{
    internal const ushort RsaSsa = 0x0014;
    private const ushort RsaPss = 0x0016;
    private const ushort Ecdsa = 0x0018;

    internal HashAlgorithmName HashName => NameOf(Hash);

    internal static HashAlgorithmName NameOf(TpmHash hash) => hash switch
    {
        TpmHash.Sha1 => HashAlgorithmName.SHA1,
        TpmHash.Sha256 => HashAlgorithmName.SHA256,
        TpmHash.Sha384 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };

    /// <summary>A signature's bare bytes, as Azure's collectors store them.</summary>
    internal static Outcome<TpmSignature> RawRsaSha256(ReadOnlyMemory<byte> bytes) =>
        new TpmSignature(RsaSsa, TpmHash.Sha256, bytes, default);

    internal static Outcome<TpmSignature> Parse(ReadOnlyMemory<byte> bytes)
    {
        TpmReader reader = new(bytes);
        ushort scheme = reader.U16();
        TpmHash hash = (TpmHash)reader.U16();
        ReadOnlyMemory<byte> first = reader.Sized(512);
        ReadOnlyMemory<byte> second = scheme == Ecdsa ? reader.Sized(66) : default;
        return reader.AtEnd && scheme is RsaSsa or RsaPss or Ecdsa && hash is TpmHash.Sha256 or TpmHash.Sha384 or TpmHash.Sha512
            ? new TpmSignature(scheme, hash, first, second)
            : new Failure(FailureKind.Malformed, "TPM signature: not RSASSA, RSAPSS or ECDSA with SHA-256, SHA-384 or SHA-512");
    }

    internal bool Verifies(ReadOnlySpan<byte> data, PublicKey key)
    {
        if (Scheme != Ecdsa)
        {
            return key.VerifiesRsa(data, First.Span, HashName, Scheme == RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }

        // Numbers may come without leading zeros, and with none too many.
        int length = key.CoordinateBytes;
        if (First.Length > length || Second.Length > length)
        {
            return false;
        }

        byte[] signature = new byte[2 * length];
        First.Span.CopyTo(signature.AsSpan(length - First.Length));
        Second.Span.CopyTo(signature.AsSpan((2 * length) - Second.Length));
        return key.VerifiesFixed(data, signature, HashName);
    }
}
