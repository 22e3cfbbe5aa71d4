using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// The JSON canonicalization scheme (RFC 8785) for documents whose numbers are whole: one byte string for each meaning.
/// A number with a fraction, an exponent or beyond 2^53 throws <see cref="JsonException"/>, and so does a lone surrogate.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>RFC 8785, section 3.2.2.3: whole numbers that every reader has exactly.</summary>
    private const long NumberMax = (1L << 53) - 1;

    /// <summary>Writes a value; of an outermost object without the member <paramref name="except"/>.</summary>
    internal static byte[] Write(JsonElement value, string? except = null)
    {
        ArrayBufferWriter<byte> writer = new();
        Write(value, except, writer);
        return writer.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement value, string? except, ArrayBufferWriter<byte> writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, except, writer);
                break;
            case JsonValueKind.Array:
                WriteArray(value, writer);
                break;
            case JsonValueKind.String:
                WriteText(TextOf(value), writer);
                break;
            case JsonValueKind.Number:
                WriteNumber(value, writer);
                break;
            default:
                writer.Write(value.ValueKind switch
                {
                    JsonValueKind.True => "true"u8,
                    JsonValueKind.False => "false"u8,
                    JsonValueKind.Null => "null"u8,
                    _ => throw new JsonException($"a {value.ValueKind} has no canonical form"),
                });
                break;
        }
    }

    private static void WriteObject(JsonElement value, string? except, ArrayBufferWriter<byte> writer)
    {
        writer.Write("{"u8);
        bool isFirst = true;
        foreach (JsonProperty member in value.EnumerateObject().Where(m => m.Name != except).OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            writer.Write(isFirst ? ""u8 : ","u8);
            isFirst = false;
            WriteText(member.Name, writer);
            writer.Write(":"u8);
            Write(member.Value, null, writer);
        }

        writer.Write("}"u8);
    }

    private static void WriteArray(JsonElement value, ArrayBufferWriter<byte> writer)
    {
        writer.Write("["u8);
        bool isFirst = true;
        foreach (JsonElement entry in value.EnumerateArray())
        {
            writer.Write(isFirst ? ""u8 : ","u8);
            isFirst = false;
            Write(entry, null, writer);
        }

        writer.Write("]"u8);
    }

    private static void WriteNumber(JsonElement value, ArrayBufferWriter<byte> writer)
    {
        string text = value.GetRawText();
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            || Math.Abs(number) > NumberMax
            || text != number.ToString(CultureInfo.InvariantCulture))
        {
            throw new JsonException($"{text} is not a whole number written with digits alone");
        }

        writer.Write(Encoding.ASCII.GetBytes(text));
    }

    private static void WriteText(string text, ArrayBufferWriter<byte> writer)
    {
        StringBuilder escaped = new("\"", text.Length + 2);
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append(@"\\"),
                '\b' => escaped.Append("\\b"),
                '\t' => escaped.Append("\\t"),
                '\n' => escaped.Append("\\n"),
                '\f' => escaped.Append("\\f"),
                '\r' => escaped.Append("\\r"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }

        writer.Write(Encoding.UTF8.GetBytes(escaped.Append('"').ToString()));
    }

    private static string TextOf(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("a text holds half of a surrogate pair");
        }
    }
}
