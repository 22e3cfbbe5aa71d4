using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Gathers and encodes values of one fixed size.</summary>
internal sealed class FixedGatherer<T>(ColumnType type, int rowsMax) : ColumnGatherer(type, rowsMax)
    where T : unmanaged
{
    private readonly T[] _values = new T[rowsMax];

    internal override EncodedColumn Encode()
    {
        // Readers refuse a value where there is none; whatever was left there must not make a file that nobody can read.
        Narrowing.ClearMissing(_values.AsSpan(0, Rows), Validity, Rows);
        return Type.Kind switch
        {
            ValueKind.Int8 => EncodeNumbers<sbyte>(),
            ValueKind.UInt8 => EncodeNumbers<byte>(),
            ValueKind.Int16 => EncodeNumbers<short>(),
            ValueKind.UInt16 => EncodeNumbers<ushort>(),
            ValueKind.Int32 => EncodeNumbers<int>(),
            ValueKind.UInt32 => EncodeNumbers<uint>(),
            ValueKind.Int64 or ValueKind.TimeSpan => EncodeNumbers<long>(),
            ValueKind.UInt64 or ValueKind.DateTime => EncodeNumbers<ulong>(),
            ValueKind.DateTimeOffset => EncodeMoments(),
            _ => EncodeRaw(),
        };
    }

    protected override void AppendValues(Column column, int start, int count) =>
        ((FixedColumn<T>)column).Values.Slice(start, count).CopyTo(_values.AsSpan(Rows));

    private EncodedColumn EncodeNumbers<TNumber>()
        where TNumber : unmanaged, IBinaryInteger<TNumber>
    {
        ReadOnlySpan<TNumber> values = MemoryMarshal.Cast<T, TNumber>(_values.AsSpan(0, Rows));
        (TNumber least, TNumber greatest) = Narrowing.Range(values, Validity);
        int width = Narrowing.WidthFor(unchecked(ulong.CreateTruncating(greatest) - ulong.CreateTruncating(least)));
        if (width >= Unsafe.SizeOf<TNumber>())
        {
            return EncodeRaw();
        }

        Narrowing.Write(values, Validity, least, width, Output(width * Rows));
        return Encoded(new ColumnEncoding(ColumnForm.Narrow, SomeMissing, width, ulong.CreateTruncating(least)));
    }

    private EncodedColumn EncodeRaw()
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(_values.AsSpan(0, Rows));
        bytes.CopyTo(Output(bytes.Length));
        return Encoded(new ColumnEncoding(ColumnForm.Raw, SomeMissing));
    }

    private EncodedColumn EncodeMoments()
    {
        ReadOnlySpan<DateTimeOffset> values = MemoryMarshal.Cast<T, DateTimeOffset>(_values.AsSpan(0, Rows));
        Span<byte> output = Output(10 * Rows);
        Span<byte> offsets = output[(sizeof(long) * Rows)..];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(output[(sizeof(long) * i)..], values[i].UtcTicks);
            BinaryPrimitives.WriteInt16LittleEndian(offsets[(sizeof(short) * i)..], (short)values[i].TotalOffsetMinutes);
        }

        return Encoded(new ColumnEncoding(ColumnForm.Raw, SomeMissing));
    }
}
