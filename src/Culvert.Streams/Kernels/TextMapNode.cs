using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Culvert.Streams.Expressions;

namespace Culvert.Streams.Kernels;

/// <summary>Lower, upper, trim: a text to a text. ASCII stays bytes; the rest goes through .NET's strings.</summary>
internal sealed class TextMapNode(ColumnType type, Function function, KernelNode operand) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        using BytesColumn input = (BytesColumn)operand.Evaluate(frame);
        using TextBuilder builder = new(type, frame);
        byte[] scratch = [];
        for (int i = 0; i < frame.Count; i++)
        {
            ReadOnlySpan<byte> text = input.GetBytes(i);
            if (function == Function.Trim)
            {
                builder.Append(Trim(text));
            }
            else if (Ascii.IsValid(text))
            {
                scratch = scratch.Length < text.Length ? new byte[text.Length * 2] : scratch;
                _ = function == Function.Lower ? Ascii.ToLower(text, scratch, out int written) : Ascii.ToUpper(text, scratch, out written);
                builder.Append(scratch.AsSpan(0, written));
            }
            else
            {
                string decoded = Encoding.UTF8.GetString(text);
                builder.Append(Encoding.UTF8.GetBytes(function == Function.Lower ? Lower(decoded) : decoded.ToUpperInvariant()));
            }
        }

        return builder.Finish(BitLoops.And(input.Validity, default, frame.Count, frame.Pool));
    }

    private static string Lower(string text) => CultureInfo.InvariantCulture.TextInfo.ToLower(text);

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && Rune.DecodeFromUtf8(text, out Rune first, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(first))
        {
            text = text[length..];
        }

        while (!text.IsEmpty && Rune.DecodeLastFromUtf8(text, out Rune last, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(last))
        {
            text = text[..^length];
        }

        return text;
    }
}

/// <summary>The number of UTF-16 code units.</summary>
internal sealed class TextLengthNode(ColumnType type, KernelNode operand) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        using BytesColumn input = (BytesColumn)operand.Evaluate(frame);
        int[] lengths = frame.Pool.Rent<int>(frame.Count);
        for (int i = 0; i < frame.Count; i++)
        {
            lengths[i] = Encoding.UTF8.GetCharCount(input.GetBytes(i));
        }

        return new FixedColumn<int>(type, lengths, frame.Count, BitLoops.And(input.Validity, default, frame.Count, frame.Pool), frame.Pool);
    }
}

/// <summary>A part of a text; fails rows where it is out of range.</summary>
internal sealed class SubstringNode(ColumnType type, KernelNode text, KernelNode start, KernelNode? length, FailureSite site) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        using BytesColumn input = (BytesColumn)text.Evaluate(frame);
        using FixedColumn<int> starts = (FixedColumn<int>)start.Evaluate(frame);
        using FixedColumn<int>? lengths = (FixedColumn<int>?)length?.Evaluate(frame);
        using TextBuilder builder = new(type, frame);
        for (int i = 0; i < frame.Count; i++)
        {
            bool matters = (frame.Active.IsEmpty || Bitmap.Get(frame.Active, i)) && !input.IsNull(i) && !starts.IsNull(i) && lengths?.IsNull(i) != true;
            if (!matters)
            {
                builder.Append(default);
            }
            else if (!TryCut(builder, input.GetBytes(i), starts.Values[i], lengths?.Values[i]))
            {
                throw site.Fail(i, "a part that lies outside the text");
            }
        }

        ulong[]? first = BitLoops.And(input.Validity, starts.Validity, frame.Count, frame.Pool);
        if (lengths is null || lengths.AllValid)
        {
            return builder.Finish(first);
        }

        ulong[]? validity = BitLoops.And(first, lengths.Validity, frame.Count, frame.Pool);
        if (first is not null)
        {
            frame.Pool.Return(first);
        }

        return builder.Finish(validity);
    }

    private static bool TryCut(TextBuilder builder, ReadOnlySpan<byte> bytes, int start, int? length)
    {
        bool ascii = Ascii.IsValid(bytes);
        string decoded = ascii ? string.Empty : Encoding.UTF8.GetString(bytes);
        int units = ascii ? bytes.Length : decoded.Length;
        int count = length ?? units - start;
        if (start < 0 || count < 0 || start > units - count)
        {
            return false;
        }

        builder.Append(ascii ? bytes.Slice(start, count) : Encoding.UTF8.GetBytes(decoded, start, count));
        return true;
    }
}

/// <summary>Texts one after the other; missing where one is.</summary>
internal sealed class ConcatNode(ColumnType type, KernelNode[] parts) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        Column[] columns = new Column[parts.Length];
        ulong[]? validity = null;
        try
        {
            for (int p = 0; p < parts.Length; p++)
            {
                columns[p] = parts[p].Evaluate(frame);
                ulong[]? before = validity;
                validity = BitLoops.And(before, columns[p].Validity, frame.Count, frame.Pool);
                if (before is not null)
                {
                    frame.Pool.Return(before);
                }
            }

            TextColumn result = Join(columns, validity, frame);
            validity = null;
            return result;
        }
        finally
        {
            foreach (Column? column in columns)
            {
                column?.Dispose();
            }

            if (validity is not null)
            {
                frame.Pool.Return(validity);
            }
        }
    }

    private TextColumn Join(Column[] columns, ulong[]? validity, in Frame frame)
    {
        using TextBuilder builder = new(type, frame);
        for (int i = 0; i < frame.Count; i++)
        {
            bool matters = validity is null || Bitmap.Get(validity, i);
            for (int p = 0; matters && p < columns.Length; p++)
            {
                builder.AppendPart(((BytesColumn)columns[p]).GetBytes(i));
            }

            builder.EndRow();
        }

        return builder.Finish(validity);
    }
}

/// <summary>Whole numbers (as int64 or uint64) in decimal digits.</summary>
internal sealed class ToTextNode<T>(ColumnType type, KernelNode operand) : KernelNode
    where T : unmanaged, IUtf8SpanFormattable
{
    internal override Column Evaluate(in Frame frame)
    {
        using FixedColumn<T> input = (FixedColumn<T>)operand.Evaluate(frame);
        using TextBuilder builder = new(type, frame);
        Span<byte> digits = stackalloc byte[24];
        for (int i = 0; i < frame.Count; i++)
        {
            int length = 0;
            Invariant.Holds(input.IsNull(i) || input.Values[i].TryFormat(digits, out length, default, CultureInfo.InvariantCulture));
            builder.Append(digits[..length]);
        }

        return builder.Finish(BitLoops.And(input.Validity, default, frame.Count, frame.Pool));
    }
}

/// <summary>How a text is read as a value.</summary>
internal interface ITextParser<T>
{
    static abstract bool TryParse(ReadOnlySpan<byte> text, out T value);
}

/// <summary>Texts as values; missing where the text is no such value.</summary>
internal sealed class ParseNode<T, TParser>(ColumnType type, KernelNode operand) : KernelNode
    where T : unmanaged
    where TParser : struct, ITextParser<T>
{
    internal override Column Evaluate(in Frame frame)
    {
        using BytesColumn input = (BytesColumn)operand.Evaluate(frame);
        T[] values = frame.Pool.Rent<T>(frame.Count);
        ulong[] validity = frame.Pool.Rent<ulong>(Bitmap.WordCount(frame.Count));
        validity.AsSpan(0, Bitmap.WordCount(frame.Count)).Clear();
        for (int i = 0; i < frame.Count; i++)
        {
            if (!input.IsNull(i) && TParser.TryParse(input.GetBytes(i), out values[i]))
            {
                Bitmap.Set(validity, i);
            }
        }

        return new FixedColumn<T>(type, values, frame.Count, validity, frame.Pool);
    }
}

internal readonly struct IntegerParser : ITextParser<long>
{
    public static bool TryParse(ReadOnlySpan<byte> text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}

internal readonly struct NumberParser : ITextParser<double>
{
    public static bool TryParse(ReadOnlySpan<byte> text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
}

internal readonly struct DateTimeParser : ITextParser<DateTime>
{
    /// <summary>Longer than any moment in ISO 8601.</summary>
    private const int LengthMax = 40;

    public static bool TryParse(ReadOnlySpan<byte> text, out DateTime value)
    {
        value = default;
        Span<char> characters = stackalloc char[LengthMax];
        return text.Length is > 0 and <= LengthMax
            && Ascii.ToUtf16(text, characters, out int length) == OperationStatus.Done
            && MomentText.TryParse(characters[..length], out value);
    }
}
