using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Culvert.Attestation;

/// <summary>
/// Binary evidence that somebody stored as text: one line of hexadecimal (in one case, with <c>0x</c> before it or not), or of base64 in either alphabet (canonical;
/// that of RFC 4648, 5 also without padding), with or without one line end. No character can be altered unseen.
/// </summary>
internal static class EvidenceText
{
    /// <summary>Shorter texts are something else.</summary>
    private const int CharactersMin = 64;

    private static readonly SearchValues<byte> s_other = SearchValues.Create("\r\n\t {"u8);
    private static readonly SearchValues<byte> s_urlSafe = SearchValues.Create("-_"u8);
    private static readonly SearchValues<byte> s_lower = SearchValues.Create("0123456789abcdef"u8);
    private static readonly SearchValues<byte> s_upper = SearchValues.Create("0123456789ABCDEF"u8);

    /// <summary>What the text stands for, or the bytes themselves where they are no such text.</summary>
    internal static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> text = bytes.Span;
        text = text.EndsWith("\r\n"u8) ? text[..^2] : text.EndsWith("\n"u8) ? text[..^1] : text;
        if (text.Length < CharactersMin || !Ascii.IsValid(text) || text.ContainsAny(s_other))
        {
            return bytes;
        }

        ReadOnlySpan<byte> digits = text.StartsWith("0x"u8) ? text[2..] : text;
        if (IsHexadecimal(digits))
        {
            return Convert.FromHexString(Encoding.ASCII.GetString(digits));
        }

        if (text.ContainsAny(s_urlSafe))
        {
            return DecodeUrlSafe(text) ?? bytes;
        }

        byte[] decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, decoded, out _, out int written) == OperationStatus.Done
            && text.SequenceEqual(Encoding.ASCII.GetBytes(Convert.ToBase64String(decoded.AsSpan(0, written))))
            ? decoded.AsMemory(0, written)
            : bytes;
    }

    private static ReadOnlyMemory<byte>? DecodeUrlSafe(ReadOnlySpan<byte> text)
    {
        byte[] decoded = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromUtf8(text, decoded, out _, out int written) != OperationStatus.Done)
        {
            return null;
        }

        // Spare bits would give a text two forms; only the one that encoding gives is read.
        string canonical = Base64Url.EncodeToString(decoded.AsSpan(0, written));
        string padded = canonical.PadRight((canonical.Length + 3) / 4 * 4, '=');
        return Encoding.ASCII.GetString(text) is { } given && (given == canonical || given == padded) ? decoded.AsMemory(0, written) : null;
    }

    private static bool IsHexadecimal(ReadOnlySpan<byte> text) =>
        text.Length % 2 == 0
        && (!text.ContainsAnyExcept(s_lower) || !text.ContainsAnyExcept(s_upper));
}
