using System.Diagnostics;

namespace Culvert.Streams.Kernels;

/// <summary>Two columns into one, row by row: the first's where a bit is set, else the second's.</summary>
internal static class Blend
{
    internal static Column Columns(ColumnType type, ReadOnlySpan<ulong> chosen, Column first, Column second, in Frame frame)
    {
        ulong[]? validity = Validity(chosen, first, second, frame);
        return type.Kind switch
        {
            ValueKind.Bool => Masks(chosen, (MaskColumn)first, (MaskColumn)second, validity, frame),
            ValueKind.Int8 => Fixed<sbyte>(type, chosen, first, second, validity, frame),
            ValueKind.UInt8 => Fixed<byte>(type, chosen, first, second, validity, frame),
            ValueKind.Int16 => Fixed<short>(type, chosen, first, second, validity, frame),
            ValueKind.UInt16 => Fixed<ushort>(type, chosen, first, second, validity, frame),
            ValueKind.Int32 => Fixed<int>(type, chosen, first, second, validity, frame),
            ValueKind.UInt32 => Fixed<uint>(type, chosen, first, second, validity, frame),
            ValueKind.Int64 => Fixed<long>(type, chosen, first, second, validity, frame),
            ValueKind.UInt64 => Fixed<ulong>(type, chosen, first, second, validity, frame),
            ValueKind.Float32 => Fixed<float>(type, chosen, first, second, validity, frame),
            ValueKind.Float64 => Fixed<double>(type, chosen, first, second, validity, frame),
            ValueKind.Decimal => Fixed<decimal>(type, chosen, first, second, validity, frame),
            ValueKind.DateTime => Fixed<DateTime>(type, chosen, first, second, validity, frame),
            ValueKind.DateTimeOffset => Fixed<DateTimeOffset>(type, chosen, first, second, validity, frame),
            ValueKind.TimeSpan => Fixed<TimeSpan>(type, chosen, first, second, validity, frame),
            ValueKind.Text or ValueKind.Bytes => Texts(type, chosen, (BytesColumn)first, (BytesColumn)second, validity, frame),
            _ => throw new UnreachableException(),
        };
    }

    private static ulong[]? Validity(ReadOnlySpan<ulong> chosen, Column first, Column second, in Frame frame)
    {
        if (first.AllValid && second.AllValid)
        {
            return null;
        }

        ulong[] words = frame.Pool.Rent<ulong>(chosen.Length);
        for (int i = 0; i < chosen.Length; i++)
        {
            ulong a = first.AllValid ? ulong.MaxValue : first.Validity[i];
            ulong b = second.AllValid ? ulong.MaxValue : second.Validity[i];
            words[i] = ((a & chosen[i]) | (b & ~chosen[i])) & BitLoops.Full(i, frame.Count);
        }

        return words;
    }

    private static MaskColumn Masks(ReadOnlySpan<ulong> chosen, MaskColumn first, MaskColumn second, ulong[]? validity, in Frame frame)
    {
        ulong[] words = frame.Pool.Rent<ulong>(chosen.Length);
        Span<ulong> a = first.Words, b = second.Words;
        for (int i = 0; i < chosen.Length; i++)
        {
            words[i] = (a[i] & chosen[i]) | (b[i] & ~chosen[i]);
        }

        return new MaskColumn(words, frame.Count, validity, frame.Pool);
    }

    private static FixedColumn<T> Fixed<T>(ColumnType type, ReadOnlySpan<ulong> chosen, Column first, Column second, ulong[]? validity, in Frame frame)
        where T : unmanaged
    {
        T[] values = frame.Pool.Rent<T>(frame.Count);
        ReadOnlySpan<T> a = ((FixedColumn<T>)first).Values, b = ((FixedColumn<T>)second).Values;
        for (int w = 0; w < chosen.Length; w++)
        {
            ulong bits = chosen[w];
            int start = w << 6;
            int end = Math.Min(start + 64, frame.Count);
            if (bits == ulong.MaxValue || bits == 0)
            {
                (bits == 0 ? b : a)[start..end].CopyTo(values.AsSpan(start));
                continue;
            }

            for (int i = start; i < end; i++, bits >>= 1)
            {
                values[i] = (bits & 1) != 0 ? a[i] : b[i];
            }
        }

        return new FixedColumn<T>(type, values, frame.Count, validity, frame.Pool);
    }

    private static TextColumn Texts(ColumnType type, ReadOnlySpan<ulong> chosen, BytesColumn first, BytesColumn second, ulong[]? validity, in Frame frame)
    {
        using TextBuilder builder = new(type, frame);
        for (int i = 0; i < frame.Count; i++)
        {
            // A missing row stays empty, whatever a side holds there.
            builder.Append(validity is not null && !Bitmap.Get(validity, i) ? default : (Bitmap.Get(chosen, i) ? first : second).GetBytes(i));
        }

        return builder.Finish(validity);
    }
}
