using System.Formats.Asn1;

namespace Culvert.Attestation;

/// <summary>A certificate revocation list (RFC 5280, section 5), version 2, complete and direct. Its signature is not verified yet.</summary>
internal sealed class RevocationList
{
    /// <summary>Entries of a list; Intel's longest have hundreds.</summary>
    internal const int EntriesMax = 65_536;

    private readonly HashSet<string> _serials;

    private RevocationList(HashSet<string> serials) => _serials = serials;

    internal required ReadOnlyMemory<byte> Signed { get; init; }

    internal required ReadOnlyMemory<byte> Signature { get; init; }

    internal required SignatureAlgorithm Algorithm { get; init; }

    internal required ReadOnlyMemory<byte> Issuer { get; init; }

    internal required DateTimeOffset ThisUpdate { get; init; }

    internal required DateTimeOffset NextUpdate { get; init; }

    internal int Count => _serials.Count;

    internal bool Revokes(Certificate certificate) => _serials.Contains(Convert.ToHexString(certificate.Serial.Span));

    internal static Outcome<RevocationList> Parse(ReadOnlyMemory<byte> encoded, string what)
    {
        try
        {
            return Read(encoded);
        }
        catch (AsnContentException e)
        {
            return new Failure(FailureKind.Malformed, $"{what}: not a revocation list: {e.Message}");
        }
    }

    private static RevocationList Read(ReadOnlyMemory<byte> encoded)
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

        bool second = body.TryReadInt32(out int version) && version == 1;
        if (!second || unused != 0 || !body.ReadEncodedValue().Span.SequenceEqual(outerAlgorithm.Span))
        {
            throw new AsnContentException("not version 2, or its algorithms or signature bits are not as RFC 5280 has them");
        }

        ReadOnlyMemory<byte> issuer = body.ReadEncodedValue();
        DateTimeOffset thisUpdate = DerTime.Read(body);
        DateTimeOffset nextUpdate = DerTime.Read(body);
        HashSet<string> serials = new(StringComparer.Ordinal);
        if (body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            ReadEntries(body.ReadSequence(), serials);
        }

        if (body.HasData)
        {
            ReadExtensions(body);
        }

        body.ThrowIfNotEmpty();
        return new RevocationList(serials)
        {
            Signed = signed,
            Signature = signature,
            Algorithm = algorithm,
            Issuer = issuer,
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
        };
    }

    private static void ReadEntries(AsnReader entries, HashSet<string> serials)
    {
        int count = 0;
        while (entries.HasData)
        {
            if (++count > EntriesMax)
            {
                throw new AsnContentException($"over {EntriesMax} entries");
            }

            AsnReader entry = entries.ReadSequence();
            serials.Add(Convert.ToHexString(entry.ReadIntegerBytes().Span));
            DerTime.Read(entry);

            // Whatever an entry's extensions say, its certificate counts as revoked.
            if (entry.HasData)
            {
                entry.ReadSequence();
            }

            entry.ThrowIfNotEmpty();
        }
    }

    /// <summary>Critical ones narrow a list's scope (deltas, distribution points, indirect lists): none is accepted.</summary>
    private static void ReadExtensions(AsnReader body)
    {
        AsnReader tagged = body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        AsnReader list = tagged.ReadSequence();
        tagged.ThrowIfNotEmpty();
        while (list.HasData)
        {
            AsnReader extension = list.ReadSequence();
            string oid = extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean())
            {
                throw new AsnContentException($"critical extension {oid} is not understood");
            }

            extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
        }
    }
}
