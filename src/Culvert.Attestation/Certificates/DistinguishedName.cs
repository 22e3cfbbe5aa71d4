using System.Formats.Asn1;

namespace Culvert.Attestation;

/// <summary>Names in certificates: only for messages and for telling a platform's authority; trust compares encoded bytes.</summary>
internal static class DistinguishedName
{
    private const string CommonNameOid = "2.5.4.3";
    private const int CharactersMax = 64;

    /// <summary>The common name, cut to 64 printable characters; empty when there is none.</summary>
    internal static string CommonName(ReadOnlyMemory<byte> name)
    {
        try
        {
            AsnReader parts = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
            while (parts.HasData)
            {
                AsnReader part = parts.ReadSetOf().ReadSequence();
                if (part.ReadObjectIdentifier() == CommonNameOid)
                {
                    Asn1Tag tag = part.PeekTag();
                    string text = part.ReadCharacterString((UniversalTagNumber)tag.TagValue);
                    return new string([.. text.Where(c => c is >= ' ' and <= '~').Take(CharactersMax)]);
                }
            }
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException)
        {
            return "";
        }

        return "";
    }
}
