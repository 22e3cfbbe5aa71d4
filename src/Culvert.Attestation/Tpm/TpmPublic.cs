using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>A key's public area, TPMT_PUBLIC (TPM 2.0 library, part 2, 12.2.4): RSA or ECC, and what the TPM lets it do.</summary>
internal sealed record TpmPublic(PublicKey Key, uint Attributes, ReadOnlyMemory<byte> Raw)
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

    /// <summary>fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign: what tools give attestation keys.</summary>
    private const uint UsualAttributes = 0x50072;

    /// <summary>Platform, owner, endorsement and null hierarchy: a primary key's parent has one of these for a name.</summary>
    private static readonly uint[] s_hierarchies = [0x4000000C, 0x40000001, 0x4000000B, 0x40000007];

    /// <summary>
    /// Made in this TPM, stays in it, and signs only what the TPM made itself: without "restricted" anybody with access to
    /// the key could have it sign a made-up quote.
    /// </summary>
    internal bool IsAttestationKey =>
        (Attributes & (FixedTpm | SensitiveDataOrigin | Restricted | Decrypt | Sign)) == (FixedTpm | SensitiveDataOrigin | Restricted | Sign);

    /// <summary>
    /// Whether a quote was signed by the key of this area: its qualified name (TPM 2.0 library, part 1, 16.5) is made of the
    /// area and of all keys above it, so that it binds every byte. Known for primary keys, and for those below one whose area
    /// is given.
    /// </summary>
    internal bool IsSigner(ReadOnlySpan<byte> qualifiedSigner, TpmPublic? parent)
    {
        foreach (uint hierarchy in s_hierarchies)
        {
            byte[] above = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(above, hierarchy);
            above = parent?.QualifiedName(above) ?? above;
            if (QualifiedName(above) is { } name && name.AsSpan().SequenceEqual(qualifiedSigner))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the area is as tools make it for attestation keys: named by SHA-256, the usual attributes, no policy, the
    /// signature's own scheme. It has one form for each key, so nothing in it can be altered unseen.
    /// </summary>
    internal bool IsUsual(TpmSignature signature)
    {
        TpmReader reader = new(Raw);
        ushort type = reader.U16();
        bool usual = (TpmHash)reader.U16() == TpmHash.Sha256 && reader.U32() == UsualAttributes && reader.U16() == 0
            && reader.U16() == Null && reader.U16() == signature.Scheme && (TpmHash)reader.U16() == signature.Hash;
        ushort size = reader.U16();
        return usual && (type == Rsa ? size == 8 * Key.ModulusBytes && reader.U32() == 0 : reader.U16() == Null);
    }

    internal static Outcome<TpmPublic> Parse(ReadOnlyMemory<byte> bytes)
    {
        TpmReader reader = new(bytes);
        ushort type = reader.U16();
        reader.U16();
        uint attributes = reader.U32();
        reader.Sized(64);

        // Keys above attestation keys decrypt, by AES as a rule, whose length and mode follow.
        if (reader.U16() != Null)
        {
            reader.U32();
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
            : reader.AtEnd ? new TpmPublic(key.Value, attributes, bytes)
            : Malformed("it is cut off, or something follows");
    }

    private byte[]? QualifiedName(ReadOnlySpan<byte> parent)
    {
        TpmHash algorithm = (TpmHash)BinaryPrimitives.ReadUInt16BigEndian(Raw.Span[2..]);
        if (!Enum.IsDefined(algorithm))
        {
            return null;
        }

        byte[] number = Raw.Span[2..4].ToArray();
        byte[] name = [.. number, .. CryptographicOperations.HashData(TpmSignature.NameOf(algorithm), Raw.Span)];
        return [.. number, .. CryptographicOperations.HashData(TpmSignature.NameOf(algorithm), [.. parent, .. name])];
    }

    private static Outcome<PublicKey> ReadRsa(TpmReader reader)
    {
        reader.U16();
        uint exponent = reader.U32();
        ReadOnlyMemory<byte> modulus = reader.Sized(512);
        Span<byte> encoded = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(encoded, exponent == 0 ? DefaultExponent : exponent);
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
