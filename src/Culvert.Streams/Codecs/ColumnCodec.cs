using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Fills a span with a column's values, or tells why not; the span is as long as was said.</summary>
public delegate Failure? ColumnOpening(Span<byte> values);

/// <summary>
/// Columns of row groups as bytes, for those who know the schema (docs/specs/column.md). Every length is checked before
/// anything is allocated. Thread safe.
/// </summary>
public static class ColumnCodec
{
    /// <summary>Rows of a row group at most.</summary>
    public const int RowsMax = 1 << 20;

    private const byte SchemaVersion = 1;

    /// <summary>The columns' types as bytes.</summary>
    public static byte[] WriteTypes(Schema schema) =>
        [SchemaVersion, .. schema.Fields.SelectMany(f => new[] { (byte)f.Type.Kind, f.Type.Nullable ? (byte)1 : (byte)0 })];

    /// <summary>A schema from its columns' names and what <see cref="WriteTypes"/> wrote.</summary>
    public static Outcome<Schema> ReadTypes(ImmutableArray<string> names, ReadOnlySpan<byte> types)
    {
        if (types.Length != 1 + (2 * names.Length) || types[0] != SchemaVersion)
        {
            return new Failure(FailureKind.Malformed, "the columns' types cannot be read: another version of this program wrote them");
        }

        List<Field> fields = [];
        for (int c = 0; c < names.Length; c++)
        {
            (byte kind, byte nullable) = (types[1 + (2 * c)], types[2 + (2 * c)]);
            if ((ValueKind)kind is < ValueKind.Bool or > ValueKind.TimeSpan || nullable > 1)
            {
                return new Failure(FailureKind.Malformed, $"the column '{names[c]}' has a type that is not known: another version of this program wrote it");
            }

            fields.Add(new Field(names[c], new ColumnType((ValueKind)kind, nullable == 1)));
        }

        return fields.Select(f => f.Name).Distinct(StringComparer.Ordinal).Count() == fields.Count
            ? new Schema(fields)
            : new Failure(FailureKind.Malformed, "two columns have the same name");
    }

    /// <summary>Decodes a column. Its values are asked for once, straight into the column's array where they are stored as they are.</summary>
    /// <param name="type">The column's type.</param>
    /// <param name="rows">Its rows; at most <see cref="RowsMax"/>.</param>
    /// <param name="encoding">What was written first.</param>
    /// <param name="valueBytes">How many bytes of values there are.</param>
    /// <param name="open">Fills them in; its failure is returned as it is.</param>
    /// <param name="pool">Where the column's arrays come from.</param>
    public static Outcome<Column> Decode(ColumnType type, int rows, ReadOnlySpan<byte> encoding, int valueBytes, ColumnOpening open, ColumnPool? pool = null)
    {
        if (rows is < 0 or > RowsMax)
        {
            return Malformed($"{rows} rows are no row group");
        }

        if (ColumnEncoding.Read(encoding) is not { } read || (read.Missing && !type.Nullable))
        {
            return Malformed("its encoding is not known, or is none of its type");
        }

        int bitmap = read.Missing ? Bitmap.WordCount(rows) * sizeof(ulong) : 0;
        int values = valueBytes - bitmap;
        return type.IsBytes
            ? new TextDecoding(type, rows, read, values, bitmap, open, pool ?? ColumnPool.Shared).Decode()
            : ValueKinds.Visit(type.Kind, new FixedDecoding(type, rows, read, values, bitmap, open, pool ?? ColumnPool.Shared));
    }

    /// <summary>Decodes a column whose values are at hand.</summary>
    public static Outcome<Column> Decode(ColumnType type, int rows, ReadOnlyMemory<byte> encoding, ReadOnlyMemory<byte> values, ColumnPool? pool = null) =>
        Decode(type, rows, encoding.Span, values.Length, destination =>
        {
            values.Span.CopyTo(destination);
            return null;
        }, pool);

    internal static Failure Malformed(string what) => new(FailureKind.Malformed, $"cannot be decoded: {what}");

    /// <summary>Copies a bitmap that has no bits behind the last row; null when it has.</summary>
    internal static ulong[]? ReadBitmap(ReadOnlySpan<byte> bytes, int rows, ColumnPool pool)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        if ((rows & 63) != 0 && words[^1] >> (rows & 63) != 0)
        {
            return null;
        }

        ulong[] copy = pool.Rent<ulong>(words.Length);
        words.CopyTo(copy);
        return copy;
    }

    /// <summary>Whether every row without a value holds zeros.</summary>
    internal static bool MissingAreZero<T>(ReadOnlySpan<T> values, ReadOnlySpan<ulong> validity, int rows)
        where T : unmanaged, IEquatable<T>
    {
        for (int w = 0; w < validity.Length; w++)
        {
            for (ulong missing = Narrowing.MissingBits(validity, w, rows); missing != 0; missing &= missing - 1)
            {
                if (!values[(w << 6) + System.Numerics.BitOperations.TrailingZeroCount(missing)].Equals(default))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
