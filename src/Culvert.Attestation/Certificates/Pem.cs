using System.Text;

namespace Culvert.Attestation;

/// <summary>
/// Certificates as text (RFC 7468), read strictly so that one chain has one text: lines of 64 characters that end with LF
/// (or all with CRLF), canonical base64, nothing between the certificates, nothing but line ends behind the last.
/// </summary>
internal static class Pem
{
    /// <summary>A chain is a leaf, an intermediate and a root; some deliver one more.</summary>
    internal const int CertificatesMax = 8;

    private const int LineCharacters = 64;
    private const int BytesMax = 64 * 1024;

    /// <summary>
    /// A chain within a quote: behind its last line's end there are zero bytes, as Intel's quotes have one, and no further line
    /// ends, since a zero byte could be made one unseen.
    /// </summary>
    internal static Outcome<IReadOnlyList<Certificate>> ParseQuoted(ReadOnlySpan<byte> text, string what)
    {
        ReadOnlySpan<byte> lines = text.TrimEnd((byte)0);
        bool ended = lines.EndsWith("-----\n"u8) || lines.EndsWith("-----\r\n"u8);
        return ended || (lines.Length == text.Length && lines.EndsWith("-----"u8))
            ? ParseChain(lines, what)
            : new Failure(FailureKind.Malformed, $"{what}: it does not end as canonical PEM does");
    }

    internal static Outcome<IReadOnlyList<Certificate>> ParseChain(ReadOnlySpan<byte> text, string what)
    {
        if (text.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"{what}: a chain of {text.Length} bytes; at most {BytesMax} are read");
        }

        bool carriageReturns = text.Contains((byte)'\r');
        ReadOnlySpan<byte> lineEnd = carriageReturns ? "\r\n"u8 : "\n"u8;
        while (text.EndsWith(lineEnd))
        {
            text = text[..^lineEnd.Length];
        }

        List<Certificate> chain = [];
        while (!text.IsEmpty)
        {
            if (chain.Count == CertificatesMax)
            {
                return new Failure(FailureKind.TooLarge, $"{what}: over {CertificatesMax} certificates");
            }

            if (!TryReadOne(ref text, lineEnd, "CERTIFICATE"u8, out byte[] encoded))
            {
                return new Failure(FailureKind.Malformed, $"{what}: certificate {chain.Count + 1} is not in canonical PEM");
            }

            Outcome<Certificate> certificate = Certificate.Parse(encoded, $"{what}, certificate {chain.Count + 1}");
            if (!certificate.Succeeded)
            {
                return certificate.Failure;
            }

            chain.Add(certificate.Value);
        }

        return chain.Count > 0
            ? chain
            : new Failure(FailureKind.Missing, $"{what}: no certificate");
    }

    /// <summary>A revocation list (X509 CRL), by the same rules; its DER.</summary>
    internal static Outcome<byte[]> ParseRevocations(ReadOnlySpan<byte> text, string what) => ParseOne(text, "X509 CRL"u8, what);

    /// <summary>A public key (PUBLIC KEY), by the same rules; its SubjectPublicKeyInfo.</summary>
    internal static Outcome<byte[]> ParsePublicKey(ReadOnlySpan<byte> text, string what) => ParseOne(text, "PUBLIC KEY"u8, what);

    private static Outcome<byte[]> ParseOne(ReadOnlySpan<byte> text, ReadOnlySpan<byte> label, string what)
    {
        ReadOnlySpan<byte> lineEnd = text.Contains((byte)'\r') ? "\r\n"u8 : "\n"u8;
        return text.Length <= EvidenceFiles.FileBytesMax && TryReadOne(ref text, lineEnd, label, out byte[] encoded) && text.IsEmpty
            ? encoded
            : new Failure(FailureKind.Malformed, $"{what}: it is not in canonical PEM");
    }

    private static bool TryReadOne(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> lineEnd, ReadOnlySpan<byte> label, out byte[] encoded)
    {
        encoded = [];
        ReadOnlySpan<byte> rest = text;
        if (!TryTake(ref rest, "-----BEGIN "u8) || !TryTake(ref rest, label) || !TryTake(ref rest, "-----"u8) || !TryTake(ref rest, lineEnd))
        {
            return false;
        }

        int end = rest.IndexOf("-----END "u8);
        if (end < 0 || !TryDecode(rest[..end], lineEnd, out encoded))
        {
            return false;
        }

        rest = rest[end..];
        TryTake(ref rest, "-----END "u8);
        if (!TryTake(ref rest, label) || !TryTake(ref rest, "-----"u8) || (!TryTake(ref rest, lineEnd) && !rest.IsEmpty))
        {
            return false;
        }

        text = rest;
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<byte> lines, ReadOnlySpan<byte> lineEnd, out byte[] encoded)
    {
        encoded = [];
        StringBuilder characters = new(lines.Length);
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf(lineEnd);
            bool last = end >= 0 && end + lineEnd.Length == lines.Length;
            if (end < 1 || end > LineCharacters || (!last && end != LineCharacters))
            {
                return false;
            }

            foreach (byte character in lines[..end])
            {
                characters.Append((char)character);
            }

            lines = lines[(end + lineEnd.Length)..];
        }

        string base64 = characters.ToString();
        byte[] decoded = new byte[(base64.Length / 4 * 3) + 3];
        if (base64.Length == 0 || !Convert.TryFromBase64String(base64, decoded, out int written))
        {
            return false;
        }

        // Spare bits and white space would give a text two forms; only the one that encoding gives is read.
        encoded = decoded[..written];
        return Convert.ToBase64String(encoded) == base64;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> from, ReadOnlySpan<byte> expected)
    {
        if (!from.StartsWith(expected))
        {
            return false;
        }

        from = from[expected.Length..];
        return true;
    }
}
