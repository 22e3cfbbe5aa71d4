using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Culvert.Attestation;

/// <summary>
/// What a VCEK or VLEK certificate says (AMD 57230, table 8 and 9; extensions under 1.3.6.1.4.1.3704.1): the product, the TCB
/// that the key was derived for, and the chip (VCEK) or the provider (VLEK).
/// </summary>
internal sealed record SnpCertificate(AmdProduct Product, SnpTcb Tcb, ImmutableArray<byte> HardwareId, string Provider)
{
    private const string Root = "1.3.6.1.4.1.3704.1";
    private const int HardwareIdBytes = 64;
    private const int TurinHardwareIdBytes = 8;

    internal static Outcome<SnpCertificate> Of(Certificate certificate, string what)
    {
        try
        {
            AmdProduct product = ReadProduct(certificate);
            SnpTcb tcb = new(
                product == AmdProduct.Turin ? Svn(certificate, "3.9") : null,
                Svn(certificate, "3.1"),
                Svn(certificate, "3.2"),
                Svn(certificate, "3.3"),
                Svn(certificate, "3.8"));
            return new SnpCertificate(product, tcb, HardwareIdOf(certificate), ProviderOf(certificate));
        }
        catch (AsnContentException e)
        {
            return new Failure(FailureKind.Malformed, $"{what}: {e.Message}");
        }
    }

    /// <summary>Whether the report's chip is the certificate's. Turin's ids have 8 bytes, and zeros after them in the report.</summary>
    internal bool IsOfChip(ReadOnlySpan<byte> chipId) =>
        !HardwareId.IsEmpty
        && chipId[..HardwareId.Length].SequenceEqual(HardwareId.AsSpan())
        && !chipId[HardwareId.Length..].ContainsAnyExcept((byte)0);

    private static AmdProduct ReadProduct(Certificate certificate)
    {
        AsnReader reader = Extension(certificate, "2");
        string name = reader.ReadCharacterString(UniversalTagNumber.IA5String);
        reader.ThrowIfNotEmpty();

        // Names carry a stepping, as in Milan-B0.
        return name.Split('-')[0] switch
        {
            "Milan" => AmdProduct.Milan,
            "Genoa" or "Bergamo" or "Siena" => AmdProduct.Genoa,
            "Turin" => AmdProduct.Turin,
            _ => throw new AsnContentException("its product is not known"),
        };
    }

    private static int Svn(Certificate certificate, string name)
    {
        AsnReader reader = Extension(certificate, name);
        if (!reader.TryReadInt32(out int svn) || svn is < 0 or > byte.MaxValue)
        {
            throw new AsnContentException($"its security version {name} is no byte");
        }

        reader.ThrowIfNotEmpty();
        return svn;
    }

    /// <summary>The raw bytes, or in some issues of the certificates an octet string around them.</summary>
    private static ImmutableArray<byte> HardwareIdOf(Certificate certificate)
    {
        if (!certificate.Extensions.TryGetValue($"{Root}.4", out ReadOnlyMemory<byte> value))
        {
            return [];
        }

        ReadOnlySpan<byte> id = value.Span;
        if (id.Length is HardwareIdBytes + 2 or TurinHardwareIdBytes + 2 && id[0] == 4 && id[1] == id.Length - 2)
        {
            id = id[2..];
        }

        return id.Length is HardwareIdBytes or TurinHardwareIdBytes ? [.. id] : throw new AsnContentException("its hardware id is neither 64 nor 8 bytes");
    }

    private static string ProviderOf(Certificate certificate)
    {
        if (!certificate.Extensions.ContainsKey($"{Root}.5"))
        {
            return "";
        }

        AsnReader reader = Extension(certificate, "5");
        string provider = reader.ReadCharacterString((UniversalTagNumber)reader.PeekTag().TagValue is var tag
            && tag is UniversalTagNumber.IA5String or UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString
                ? tag
                : throw new AsnContentException("its provider is no text"));
        reader.ThrowIfNotEmpty();
        return provider;
    }

    private static AsnReader Extension(Certificate certificate, string name) =>
        certificate.Extensions.TryGetValue($"{Root}.{name}", out ReadOnlyMemory<byte> value)
            ? new AsnReader(value, AsnEncodingRules.DER)
            : throw new AsnContentException($"its extension {Root}.{name} is missing");
}
