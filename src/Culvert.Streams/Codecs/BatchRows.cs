using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Culvert.Streams;

/// <summary>
/// Rows as the bytes that a result's proof digests (docs/specs/proof.md, "Canonical rows"): the same whether they come from
/// columns or from a file that a sink wrote of them. Per column a mark, and the value's text behind its length.
/// </summary>
public static class BatchRows
{
    /// <summary>Bytes of the longest text of a value of fixed size: a decimal's, a moment's.</summary>
    private const int FixedTextBytesMax = 64;

    private const byte MissingMark = 0;
    private const byte ValueMark = 1;

    /// <summary>Writes a row. Unfinished states of aggregates have no text, and are a programming error.</summary>
    public static void Write(Batch batch, int row, IBufferWriter<byte> writer)
    {
        foreach (Column column in batch.Columns)
        {
            if (column.IsNull(row))
            {
                WriteMissing(writer);
            }
            else
            {
                Write(column, row, writer);
            }
        }
    }

    /// <summary>Writes a column's value that is missing.</summary>
    public static void WriteMissing(IBufferWriter<byte> writer) => writer.Byte(MissingMark);

    /// <summary>
    /// Writes a column's value from its text in a result's file: numbers are read as the column's kind and written in its one
    /// form; texts have U+FFFD for what is not UTF-8. False when it is no value of that kind, and then nothing is written.
    /// </summary>
    public static bool TryWriteText(ColumnType type, ReadOnlySpan<byte> text, IBufferWriter<byte> writer)
    {
        if (!type.IsNumeric)
        {
            WriteUtf8(text, writer);
            return true;
        }

        return Utf8.IsValid(text) && ValueKinds.Visit(type.Kind, new NumberText(Encoding.UTF8.GetString(text), writer));
    }

    private static void Write(Column column, int row, IBufferWriter<byte> writer)
    {
        switch (column)
        {
            case BytesColumn { Type.Kind: ValueKind.Bytes } bytes:
                WriteBase64(bytes.GetBytes(row), writer);
                break;
            case BytesColumn text:
                WriteUtf8(text.GetBytes(row), writer);
                break;
            case FixedColumn<int> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<long> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<short> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<sbyte> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<byte> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<ushort> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<uint> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<ulong> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<double> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<float> c:
                WriteNumber(c.Values[row], writer);
                break;
            case FixedColumn<decimal> c:
                WriteNumber(c.Values[row], writer);
                break;
            default:
                WriteUtf8(Encoding.UTF8.GetBytes(ValueText.Format(column.GetValue(row)!)), writer);
                break;
        }
    }

    /// <summary>What JSON has no number for (NaN, the infinities) counts as missing, in every format.</summary>
    private static void WriteNumber<T>(T value, IBufferWriter<byte> writer)
        where T : unmanaged, IUtf8SpanFormattable
    {
        if ((value is double d && !double.IsFinite(d)) || (value is float f && !float.IsFinite(f)))
        {
            WriteMissing(writer);
            return;
        }

        // Floats by their bits: no version of .NET then decides how they are written.
        Span<byte> text = stackalloc byte[FixedTextBytesMax];
        int length;
        bool fits = value switch
        {
            double number => BitConverter.DoubleToUInt64Bits(number).TryFormat(text, out length, "x16", CultureInfo.InvariantCulture),
            float number => BitConverter.SingleToUInt32Bits(number).TryFormat(text, out length, "x8", CultureInfo.InvariantCulture),
            decimal number => Shortest(number).TryFormat(text, out length, default, CultureInfo.InvariantCulture),
            _ => value.TryFormat(text, out length, default, CultureInfo.InvariantCulture),
        };
        Invariant.Holds(fits);
        WriteValue(text[..length], writer);
    }

    /// <summary>Without zeros at the end of its fraction: 1.50 and 1.5 are one value.</summary>
    private static decimal Shortest(decimal value) => value == 0 ? 0m : value / 1.0000000000000000000000000000m;

    private static void WriteUtf8(ReadOnlySpan<byte> text, IBufferWriter<byte> writer)
    {
        if (Utf8.IsValid(text))
        {
            WriteValue(text, writer);
        }
        else
        {
            WriteValue(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text)), writer);
        }
    }

    private static void WriteBase64(ReadOnlySpan<byte> bytes, IBufferWriter<byte> writer)
    {
        int length = Base64.GetMaxEncodedToUtf8Length(bytes.Length);
        writer.Byte(ValueMark);
        writer.Int32(length);
        Base64.EncodeToUtf8(bytes, writer.GetSpan(length), out _, out int written);
        Invariant.Holds(written == length);
        writer.Advance(length);
    }

    private static void WriteValue(ReadOnlySpan<byte> text, IBufferWriter<byte> writer)
    {
        writer.Byte(ValueMark);
        writer.Part(text);
    }

    /// <summary>A number of a kind from its text, in whichever notation.</summary>
    private readonly struct NumberText(string text, IBufferWriter<byte> writer) : IValueKindVisitor<bool>
    {
        private const NumberStyles Whole = NumberStyles.AllowLeadingSign;
        private const NumberStyles Fraction = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

        public bool Visit<T>()
            where T : unmanaged => default(T) switch
            {
                sbyte => Try<sbyte>(Whole),
                byte => Try<byte>(Whole),
                short => Try<short>(Whole),
                ushort => Try<ushort>(Whole),
                int => Try<int>(Whole),
                uint => Try<uint>(Whole),
                long => Try<long>(Whole),
                ulong => Try<ulong>(Whole),
                float => Try<float>(Fraction),
                double => Try<double>(Fraction),
                decimal => Try<decimal>(Fraction),
                _ => false,
            };

        private bool Try<T>(NumberStyles styles)
            where T : unmanaged, System.Numerics.INumber<T>
        {
            if (!T.TryParse(text, styles, CultureInfo.InvariantCulture, out T value) || (!T.IsFinite(value) && text.Any(char.IsAsciiDigit)))
            {
                return false; // a number too great for its kind is none
            }

            WriteNumber(value, writer);
            return true;
        }
    }
}
