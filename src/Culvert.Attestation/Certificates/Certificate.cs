using System.Collections.Frozen;
using System.Formats.Asn1;

namespace Culvert.Attestation;

/// <summary>
/// An X.509 certificate (RFC 5280), read strictly: DER, version 3, both algorithm identifiers equal, no extension twice.
/// Its signature is not verified yet.
/// </summary>
internal sealed class Certificate
{
    /// <summary>The vendors' certificates have 600 to 2,000 bytes.</summary>
    internal const int BytesMax = 16 * 1024;

    private const int ExtensionsMax = 64;
    private const string BasicConstraints = "2.5.29.19";
    private const string KeyUsage = "2.5.29.15";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const string SubjectAlternativeName = "2.5.29.17";

    internal required ReadOnlyMemory<byte> Raw { get; init; }

    internal required ReadOnlyMemory<byte> Signed { get; init; }

    internal required ReadOnlyMemory<byte> Signature { get; init; }

    internal required SignatureAlgorithm Algorithm { get; init; }

    /// <summary>The serial number as DER has it: big-endian, signed.</summary>
    internal required ReadOnlyMemory<byte> Serial { get; init; }

    internal required ReadOnlyMemory<byte> Issuer { get; init; }

    internal required ReadOnlyMemory<byte> Subject { get; init; }

    internal required DateTimeOffset NotBefore { get; init; }

    internal required DateTimeOffset NotAfter { get; init; }

    internal required PublicKey Key { get; init; }

    /// <summary>Extensions' contents by object identifier.</summary>
    internal required FrozenDictionary<string, ReadOnlyMemory<byte>> Extensions { get; init; }

    /// <summary>A critical extension that nothing here understands; null when there is none.</summary>
    internal required string? UnknownCritical { get; init; }

    internal bool IsAuthority { get; private set; }

    /// <summary>How many authorities may stand below it; null when any number.</summary>
    internal int? PathLength { get; private set; }

    /// <summary>The bits of key usage, the first (digitalSignature) the highest of 16; null when there is no such extension.</summary>
    internal ushort? Usage { get; private set; }

    internal bool MaySignCertificates => Usage is not { } usage || (usage & 0x0400) != 0;

    internal bool MaySignRevocations => Usage is not { } usage || (usage & 0x0200) != 0;

    internal bool MaySign => Usage is not { } usage || (usage & 0x8000) != 0;

    /// <summary>The subject's common name, for messages; empty when there is none.</summary>
    internal string SubjectName => DistinguishedName.CommonName(Subject);

    internal static Outcome<Certificate> Parse(ReadOnlyMemory<byte> encoded, string what)
    {
        if (encoded.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"{what}: a certificate of {encoded.Length} bytes; at most {BytesMax} are read");
        }

        try
        {
            return Read(encoded, what);
        }
        catch (AsnContentException e)
        {
            return new Failure(FailureKind.Malformed, $"{what}: not a certificate: {e.Message}");
        }
    }

    private static Outcome<Certificate> Read(ReadOnlyMemory<byte> encoded, string what)
    {
        AsnReader reader = new(encoded, AsnEncodingRules.DER);
        AsnReader outer = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> signed = outer.PeekEncodedValue();
        AsnReader body = outer.ReadSequence();
        ReadOnlyMemory<byte> outerAlgorithm = outer.PeekEncodedValue();
        SignatureAlgorithm algorithm = SignatureAlgorithms.Read(outer);
        byte[] signature = outer.ReadBitString(out int unused);
        outer.ThrowIfNotEmpty();

        AsnReader version = body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        bool third = version.TryReadInt32(out int number) && number == 2;
        version.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> serial = body.ReadIntegerBytes();
        if (!third || unused != 0 || serial.Length > 21 || !body.ReadEncodedValue().Span.SequenceEqual(outerAlgorithm.Span))
        {
            throw new AsnContentException("not version 3, or serial number, algorithms or signature bits are not as RFC 5280 has them");
        }

        ReadOnlyMemory<byte> issuer = body.ReadEncodedValue();
        AsnReader validity = body.ReadSequence();
        DateTimeOffset notBefore = DerTime.Read(validity);
        DateTimeOffset notAfter = DerTime.Read(validity);
        validity.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> subject = body.ReadEncodedValue();
        Outcome<PublicKey> key = PublicKey.OfSubjectPublicKeyInfo(body.ReadEncodedValue());
        if (!key.Succeeded)
        {
            return new Failure(key.Failure.Kind, $"{what}: {key.Failure.Message}");
        }

        Dictionary<string, ReadOnlyMemory<byte>> extensions = [];
        string? unknown = body.HasData ? ReadExtensions(body, extensions) : null;
        body.ThrowIfNotEmpty();
        Certificate certificate = new()
        {
            Raw = encoded,
            Signed = signed,
            Signature = signature,
            Algorithm = algorithm,
            Serial = serial,
            Issuer = issuer,
            Subject = subject,
            NotBefore = notBefore,
            NotAfter = notAfter,
            Key = key.Value,
            Extensions = extensions.ToFrozenDictionary(StringComparer.Ordinal),
            UnknownCritical = unknown,
        };
        certificate.ReadConstraints();
        return certificate;
    }

    private static string? ReadExtensions(AsnReader body, Dictionary<string, ReadOnlyMemory<byte>> extensions)
    {
        string? unknown = null;
        AsnReader tagged = body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3));
        AsnReader list = tagged.ReadSequence();
        tagged.ThrowIfNotEmpty();
        while (list.HasData)
        {
            AsnReader extension = list.ReadSequence();
            string oid = extension.ReadObjectIdentifier();
            bool critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            if (!extensions.TryAdd(oid, extension.ReadOctetString()) || extensions.Count > ExtensionsMax)
            {
                throw new AsnContentException($"extension {oid} is there twice, or there are over {ExtensionsMax}");
            }

            extension.ThrowIfNotEmpty();
            if (critical && oid is not (BasicConstraints or KeyUsage or ExtendedKeyUsage or SubjectAlternativeName))
            {
                unknown ??= oid;
            }
        }

        return unknown;
    }

    private void ReadConstraints()
    {
        if (Extensions.TryGetValue(BasicConstraints, out ReadOnlyMemory<byte> encoded))
        {
            AsnReader reader = new(encoded, AsnEncodingRules.DER);
            AsnReader constraints = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            IsAuthority = constraints.HasData && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
            if (constraints.HasData)
            {
                PathLength = constraints.TryReadInt32(out int length) && length >= 0 ? length : throw new AsnContentException("path length");
            }

            constraints.ThrowIfNotEmpty();
        }

        if (Extensions.TryGetValue(KeyUsage, out encoded))
        {
            AsnReader reader = new(encoded, AsnEncodingRules.DER);
            byte[] bits = reader.ReadBitString(out _);
            reader.ThrowIfNotEmpty();
            Usage = bits.Length switch
            {
                0 => 0,
                1 => (ushort)(bits[0] << 8),
                2 => (ushort)((bits[0] << 8) | bits[1]),
                _ => throw new AsnContentException("key usage"),
            };
        }
    }
}
