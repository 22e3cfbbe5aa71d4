namespace Culvert.Attestation;

/// <summary>A key's public area, TPMT_PUBLIC (TPM 2.0 library, part 2, 12.2.4): RSA or ECC, and what the TPM lets it do.</summary>
internal sealed record TpmPublic(PublicKey Key, uint Attributes)
{
    private const ushort Rsa = 0x0001;
    private const ushort Ecc = 0x0023;
    private const ushort Null = 0x0010;
    private const uint FixedTpm = 1 << 1;
    private const uint SensitiveDataOrigin = 1 << 5;
    private const uint Restricted = 1 << 16;
    private const uint Decrypt = 1 << 17;
    private const uint Sign = 1 << 18;
    private const uint DefaultExponent = 65537;

    /// <summary>
    /// Made in this TPM, stays in it, and signs only what the TPM made itself: without "restricted" anybody with access to
    /// the key could have it sign a made-up quote.
    /// </summary>
    internal bool IsAttestationKey =>
        (Attributes & (FixedTpm | SensitiveDataOrigin | Restricted | Decrypt | Sign)) == (FixedTpm | SensitiveDataOrigin | Restricted | Sign);

    internal static Outcome<TpmPublic> Parse(ReadOnlyMemory<byte> bytes)
    {
        TpmReader reader = new(bytes);
        ushort type = reader.U16();
        reader.U16();
        uint attributes = reader.U32();
        reader.Sized(64);
        if (reader.U16() != Null)
        {
            return Malformed("it has a symmetric algorithm, so it is no signing key");
        }

        // A scheme is null or followed by its hash.
        if (reader.U16() != Null)
        {
            reader.U16();
        }

        Outcome<PublicKey> key = type switch
        {
            Rsa => ReadRsa(reader),
            Ecc => ReadEcc(reader),
            _ => Malformed($"type {type:x}; RSA and ECC are known"),
        };
        return !key.Succeeded ? key.Failure
            : reader.AtEnd ? new TpmPublic(key.Value, attributes)
            : Malformed("it is cut off, or something follows");
    }

    private static Outcome<PublicKey> ReadRsa(TpmReader reader)
    {
        reader.U16();
        uint exponent = reader.U32();
        ReadOnlyMemory<byte> modulus = reader.Sized(512);
        Span<byte> encoded = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(encoded, exponent == 0 ? DefaultExponent : exponent);
        return PublicKey.OfRsa(modulus.Span, encoded);
    }

    private static Outcome<PublicKey> ReadEcc(TpmReader reader)
    {
        int coordinate = reader.U16() switch { 3 => 32, 4 => 48, _ => 0 };
        if (reader.U16() != Null)
        {
            reader.U16();
        }

        ReadOnlySpan<byte> x = reader.Sized(66).Span;
        ReadOnlySpan<byte> y = reader.Sized(66).Span;
        if (coordinate == 0 || x.Length > coordinate || y.Length > coordinate)
        {
            return Malformed("its curve is neither P-256 nor P-384");
        }

        byte[] point = new byte[2 * coordinate];
        x.CopyTo(point.AsSpan(coordinate - x.Length));
        y.CopyTo(point.AsSpan((2 * coordinate) - y.Length));
        return PublicKey.OfPoint(point.AsSpan(0, coordinate), point.AsSpan(coordinate));
    }

    private static Failure Malformed(string why) => new(FailureKind.Malformed, $"TPM public area: {why}");
}
