using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// Strict reading of JSON from outside: bounded depth, no member twice, every member of the type that is asked for. Throws
/// <see cref="JsonException"/>, which the parsers turn into refusals.
/// </summary>
internal static class JsonFields
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>Reads a whole text, and says what is wrong with it where it is not what <paramref name="read"/> needs.</summary>
    internal static Outcome<T> Read<T>(ReadOnlyMemory<byte> text, string what, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, s_options);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // InvalidOperationException: strings with lone surrogates cannot be taken as text.
            return new Failure(FailureKind.Malformed, $"{what}: {e.Message}");
        }
    }

    /// <summary>A text within a text, under the same rules.</summary>
    internal static JsonDocument Open(ReadOnlyMemory<byte> text) => JsonDocument.Parse(text, s_options);

    internal static JsonElement Need(this JsonElement from, string name, JsonValueKind kind) =>
        from.Find(name, kind) ?? throw new JsonException($"{name} is missing");

    internal static JsonElement? Find(this JsonElement from, string name, JsonValueKind kind)
    {
        if (from.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"{name} is asked of something that is no object");
        }

        if (!from.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == kind ? value : throw new JsonException($"{name} is a {value.ValueKind}, not a {kind}");
    }

    internal static string Text(this JsonElement from, string name) => from.Need(name, JsonValueKind.String).GetString()!;

    internal static int Number(this JsonElement from, string name, int max) =>
        from.Need(name, JsonValueKind.Number).TryGetInt32(out int number) && number >= 0 && number <= max
            ? number
            : throw new JsonException($"{name} is not a number from 0 to {max}");

    internal static DateTimeOffset Time(this JsonElement from, string name) =>
        DateTimeOffset.TryParseExact(from.Text(name), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw new JsonException($"{name} is not a time such as 2025-06-01T00:00:00Z");

    /// <summary>Hexadecimal digits of so many bytes.</summary>
    internal static byte[] Hex(this JsonElement from, string name, int bytes) => OfHex(from.Text(name), name, bytes);

    /// <summary>In one case throughout, so that no digit can be altered unseen.</summary>
    internal static byte[] OfHex(string text, string name, int? bytes = null)
    {
        if (text.Any(char.IsAsciiLetterLower) && text.Any(char.IsAsciiLetterUpper))
        {
            throw new JsonException($"{name} mixes upper-case and lower-case hexadecimal");
        }

        if (text.Length % 2 != 0 || (bytes is { } length && text.Length != 2 * length) || !text.All(char.IsAsciiHexDigit))
        {
            throw new JsonException($"{name} is not hexadecimal{(bytes is { } n ? $" of {n} bytes" : "")}");
        }

        return Convert.FromHexString(text);
    }

    internal static ImmutableArray<string> Texts(this JsonElement from, string name, int countMax)
    {
        if (from.Find(name, JsonValueKind.Array) is not { } list)
        {
            return [];
        }

        if (list.GetArrayLength() > countMax)
        {
            throw new JsonException($"{name} has over {countMax} entries");
        }

        return [.. list.EnumerateArray().Select(entry => entry.ValueKind == JsonValueKind.String
            ? entry.GetString()!
            : throw new JsonException($"{name} holds something other than texts"))];
    }

    /// <summary>An array of objects, bounded.</summary>
    internal static ImmutableArray<T> Each<T>(this JsonElement from, string name, int countMax, Func<JsonElement, T> read)
    {
        JsonElement list = from.Need(name, JsonValueKind.Array);
        return list.GetArrayLength() <= countMax
            ? [.. list.EnumerateArray().Select(read)]
            : throw new JsonException($"{name} has over {countMax} entries");
    }
}
