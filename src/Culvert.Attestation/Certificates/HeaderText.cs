using System.Text;

namespace Culvert.Attestation;

/// <summary>
/// Chains as Intel's service sends them in HTTP headers: PEM, percent-encoded (RFC 3986, 2.1). Upper-case digits only, so that
/// one chain has one text.
/// </summary>
internal static class HeaderText
{
    private const string Beginning = "-----BEGIN%20";

    /// <summary>The text itself, decoded where it is encoded; what is encoded otherwise than headers have it is left, and is no PEM.</summary>
    internal static string Decode(string text)
    {
        if (!text.StartsWith(Beginning, StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder decoded = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                decoded.Append(text[i]);
                continue;
            }

            if (i + 2 >= text.Length || !IsDigit(text[i + 1]) || !IsDigit(text[i + 2]))
            {
                return text;
            }

            decoded.Append((char)Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }

        return decoded.ToString();
    }

    private static bool IsDigit(char digit) => digit is (>= '0' and <= '9') or (>= 'A' and <= 'F');
}
