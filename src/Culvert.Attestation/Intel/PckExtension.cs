using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Culvert.Attestation;

/// <summary>What a PCK certificate says of its platform (Intel SGX PCK certificate specification, 1.3.5): OID 1.2.840.113741.1.13.1.</summary>
internal sealed record PckExtension(ImmutableArray<byte> ComponentSvns, int PceSvn, ImmutableArray<byte> CpuSvn, string Fmspc, string PceId, string? Ppid)
{
    private const string Root = "1.2.840.113741.1.13.1";
    private const int Components = 16;
    private const int EntriesMax = 32;

    internal static Outcome<PckExtension> Of(Certificate pck)
    {
        if (!pck.Extensions.TryGetValue(Root, out ReadOnlyMemory<byte> encoded))
        {
            return new Failure(FailureKind.Missing, "PCK certificate: it has no SGX extension");
        }

        try
        {
            return Read(encoded);
        }
        catch (AsnContentException e)
        {
            return new Failure(FailureKind.Malformed, $"PCK certificate: its SGX extension is malformed: {e.Message}");
        }
    }

    private static PckExtension Read(ReadOnlyMemory<byte> encoded)
    {
        Dictionary<string, AsnReader> entries = Entries(encoded);
        Dictionary<string, AsnReader> tcb = Entries(Need(entries, $"{Root}.2").ReadEncodedValue());
        byte[] components = new byte[Components];
        for (int i = 0; i < Components; i++)
        {
            components[i] = (byte)Number(Need(tcb, $"{Root}.2.{i + 1}"), byte.MaxValue);
        }

        return new PckExtension(
            [.. components],
            Number(Need(tcb, $"{Root}.2.17"), ushort.MaxValue),
            [.. Octets(Need(tcb, $"{Root}.2.18"), 16)],
            Convert.ToHexStringLower(Octets(Need(entries, $"{Root}.4"), 6)),
            Convert.ToHexStringLower(Octets(Need(entries, $"{Root}.3"), 2)),
            entries.TryGetValue($"{Root}.1", out AsnReader? ppid) ? Convert.ToHexStringLower(Octets(ppid, 16)) : null);
    }

    private static Dictionary<string, AsnReader> Entries(ReadOnlyMemory<byte> encoded)
    {
        AsnReader reader = new(encoded, AsnEncodingRules.DER);
        AsnReader list = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        Dictionary<string, AsnReader> entries = [];
        while (list.HasData)
        {
            AsnReader entry = list.ReadSequence();
            if (entries.Count == EntriesMax || !entries.TryAdd(entry.ReadObjectIdentifier(), entry))
            {
                throw new AsnContentException("an entry is there twice, or there are too many");
            }
        }

        return entries;
    }

    private static AsnReader Need(Dictionary<string, AsnReader> entries, string oid) =>
        entries.TryGetValue(oid, out AsnReader? entry) ? entry : throw new AsnContentException($"{oid} is missing");

    private static int Number(AsnReader from, int max) =>
        from.TryReadInt32(out int number) && number >= 0 && number <= max ? number : throw new AsnContentException("a number is out of range");

    private static byte[] Octets(AsnReader from, int length) =>
        from.ReadOctetString() is { } octets && octets.Length == length ? octets : throw new AsnContentException("octets of another length");
}
