using System.Globalization;
using System.Text;

namespace Culvert.Storage;

/// <summary>
/// A unit's name: 1 to 200 bytes of UTF-8 without control characters, such as <c>reports/2026</c>. Clouds see it
/// (docs/specs/unit.md, Objects). Equal by value.
/// </summary>
public sealed class UnitName : IEquatable<UnitName>, IComparable<UnitName>
{
    /// <summary>Longest name, bytes of UTF-8.</summary>
    public const int BytesMax = 200;

    /// <summary>Longest encoded name, characters.</summary>
    public const int EncodedMax = 240;

    private UnitName(string text, string encoded) => (Text, Encoded) = (text, encoded);

    /// <summary>As users write it.</summary>
    public string Text { get; }

    /// <summary>As it stands in objects' names.</summary>
    internal string Encoded { get; }

    /// <summary>Reads a name that a user typed or a record holds.</summary>
    public static Outcome<UnitName> TryParse(string text)
    {
        if (text.Length == 0)
        {
            return new Failure(FailureKind.Malformed, "a unit's name cannot be empty");
        }

        if (text.Any(char.IsControl) || !IsText(text))
        {
            return new Failure(FailureKind.Malformed, "a unit's name has no control characters, and is text");
        }

        string encoded = Encode(text);
        return Encoding.UTF8.GetByteCount(text) > BytesMax || encoded.Length > EncodedMax
            ? new Failure(FailureKind.TooLarge, $"a unit's name has at most {BytesMax} bytes, and {EncodedMax} characters when all but a-z, 0-9 and - count for three")
            : new UnitName(text, encoded);
    }

    /// <summary>The name that an object's name stands for; null when it stands for none.</summary>
    internal static UnitName? Decode(string encoded)
    {
        if (encoded.Length > EncodedMax)
        {
            return null;
        }

        List<byte> bytes = new(encoded.Length);
        for (int i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] != '_')
            {
                bytes.Add((byte)encoded[i]);
            }
            else if (i + 2 < encoded.Length && byte.TryParse(encoded.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                bytes.Add(value);
                i += 2;
            }
            else
            {
                return null;
            }
        }

        Outcome<UnitName> name = TryParse(Encoding.UTF8.GetString([.. bytes]));
        return name.Succeeded && name.Value.Encoded == encoded ? name.Value : null;
    }

    /// <summary>A name, or the beginning of one, in objects' names: what begins a text begins its encoding.</summary>
    internal static string Encode(string text)
    {
        StringBuilder encoded = new();
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (b is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'-')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"_{b:x2}");
            }
        }

        return encoded.ToString();
    }

    /// <inheritdoc/>
    public bool Equals(UnitName? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UnitName);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(UnitName? other) => string.CompareOrdinal(Text, other?.Text);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsText(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
