using System.Formats.Asn1;

namespace Culvert.Attestation;

/// <summary>Time in certificates and revocation lists (RFC 5280, 4.1.2.5).</summary>
internal static class DerTime
{
    internal static DateTimeOffset Read(AsnReader from) =>
        from.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
            ? from.ReadUtcTime(twoDigitYearMax: 2049)
            : from.ReadGeneralizedTime();
}
