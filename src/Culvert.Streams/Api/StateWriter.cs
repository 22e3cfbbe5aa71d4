using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Culvert.Streams;

/// <summary>
/// Writes values in little endian: whole numbers and durations in 8 bytes, a bool in 1, a float in 4, a double in 8, a
/// decimal in 16, a DateTime as 8 of ticks and 1 of kind, a DateTimeOffset as 8 of ticks and 8 of the offset's. What may be
/// null has a byte 0 or 1 before it; text and bytes have their length in 4, or -1 for null.
/// </summary>
internal sealed class StateWriter(IBufferWriter<byte> writer)
{
    public void Write(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), value);
        writer.Advance(sizeof(long));
    }

    public void Write(ulong value) => Write(unchecked((long)value));

    public void Write(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(writer.GetSpan(sizeof(float)), value);
        writer.Advance(sizeof(float));
    }

    public void Write(double value) => Write(BitConverter.DoubleToInt64Bits(value));

    public void Write(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (int part in parts)
        {
            Int32(part);
        }
    }

    public void Write(DateTime value)
    {
        Write(value.Ticks);
        Byte((byte)value.Kind);
    }

    public void Write(DateTimeOffset value)
    {
        Write(value.Ticks);
        Write(value.Offset.Ticks);
    }

    public void Write(TimeSpan value) => Write(value.Ticks);

    public void Write(string? value)
    {
        if (value is null)
        {
            Int32(-1);
            return;
        }

        int length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        writer.Advance(Encoding.UTF8.GetBytes(value, writer.GetSpan(length)));
    }

    public void Write(byte[]? value)
    {
        Int32(value?.Length ?? -1);
        writer.Write(value);
    }

    public void Write(bool? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    public void Write(long? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    public void Write(ulong? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    public void Write(float? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    public void Write(double? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    public void Write(decimal? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    public void Write(DateTime? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    public void Write(DateTimeOffset? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    public void Write(TimeSpan? value)
    {
        Write(value.HasValue);
        if (value is { } present)
        {
            Write(present);
        }
    }

    private void Byte(byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    private void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }
}
