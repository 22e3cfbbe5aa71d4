namespace Culvert.Streams;

/// <summary>What is wrong with a row.</summary>
public enum RowFlaw
{
    /// <summary>It has more or fewer fields than the file's columns.</summary>
    FieldCount = 1,

    /// <summary>A value does not fit its column's type.</summary>
    Value,

    /// <summary>A column that must have a value has none.</summary>
    MissingValue,

    /// <summary>Something follows a closing quote that is neither a separator nor a line end.</summary>
    TextAfterQuote,

    /// <summary>The file ends within a quoted field.</summary>
    OpenQuote,

    /// <summary>It has a NUL byte, so the file is not text.</summary>
    Nul,
}

/// <summary>A row that could not be read.</summary>
/// <param name="Offset">Where it starts, in bytes from the start of the (decompressed) file.</param>
/// <param name="Flaw">What is wrong.</param>
/// <param name="Column">The wanted column with the bad value, or -1.</param>
/// <param name="Seen">What was there: a value or the row's beginning, shortened, as text for people.</param>
/// <param name="FieldCount">How many fields were found, where that is what is wrong.</param>
public sealed record MalformedRow(long Offset, RowFlaw Flaw, int Column, string Seen, int FieldCount)
{
    /// <summary>The most bytes of input that <see cref="Seen"/> shows: enough to recognise a value, short enough for a line.</summary>
    public const int SeenBytesMax = 60;

    /// <summary>What is wrong, in words; <paramref name="schema"/> and <paramref name="fieldsExpected"/> are those of the decoder and file.</summary>
    public string Describe(Schema schema, int fieldsExpected) => Flaw switch
    {
        RowFlaw.FieldCount => $"{FieldCount} field{(FieldCount == 1 ? "" : "s")} where {fieldsExpected} {(fieldsExpected == 1 ? "is" : "are")} expected: '{Seen}'",
        RowFlaw.Value => $"'{Seen}' in column '{schema[Column].Name}' is not {Article(schema[Column].Type)}",
        RowFlaw.MissingValue => $"no value ('{Seen}') in column '{schema[Column].Name}', whose type {schema[Column].Type} needs one (declare it as {schema[Column].Type}? to allow that)",
        RowFlaw.TextAfterQuote => $"text after a closing quote: '{Seen}'",
        RowFlaw.OpenQuote => $"a quote that is never closed: '{Seen}'",
        RowFlaw.Nul => $"a NUL byte, so this is not text: '{Seen}'",
        _ => Flaw.ToString(),
    };

    /// <summary>Bytes as a short line of text: control characters and bytes that are not UTF-8 are written as escapes.</summary>
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        bool cut = bytes.Length > SeenBytesMax;
        System.Text.StringBuilder text = new();
        ReadOnlySpan<byte> rest = cut ? bytes[..SeenBytesMax] : bytes;
        while (!rest.IsEmpty)
        {
            if (System.Text.Rune.DecodeFromUtf8(rest, out System.Text.Rune rune, out int used) == System.Buffers.OperationStatus.Done
                && !System.Text.Rune.IsControl(rune))
            {
                text.Append(rune);
            }
            else
            {
                foreach (byte b in rest[..used])
                {
                    text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{b:x2}");
                }
            }

            rest = rest[used..];
        }

        return cut ? text.Append('…').ToString() : text.ToString();
    }

    private static string Article(ColumnType type)
    {
        string name = (type with { Nullable = false }).ToString();
        return name[0] is 'i' or 'u' ? "an " + name : "a " + name;
    }
}
