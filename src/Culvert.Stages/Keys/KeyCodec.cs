using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Keys as bytes, so that they can be hashed, stored and compared without knowing their types: byte order is the order
/// of the values, and equal values have equal bytes (-0 and 0, every NaN, 1.0 and 1.00 as decimals, one moment at two
/// offsets). Missing comes first. A key of several columns is their encodings one behind the other.
/// See docs/specs/key.md.
/// </summary>
internal abstract class KeyCodec
{
    private readonly bool _nullable;

    private protected KeyCodec(ColumnType type)
    {
        Type = type;
        _nullable = type.Nullable;
    }

    internal ColumnType Type { get; }

    internal static KeyCodec Create(ColumnType type) => type.IsBytes
        ? new BytesKeyCodec(type)
        : type.Kind == ValueKind.Decimal
            ? new DecimalKeyCodec(type)
            : ValueKinds.Visit(type.Kind, new Maker(type));

    internal void Encode(Column column, int row, ByteBuffer buffer)
    {
        if (_nullable)
        {
            bool missing = column.IsNull(row);
            buffer.Append(1)[0] = missing ? (byte)0 : (byte)1;
            if (missing)
            {
                return;
            }
        }

        EncodeValue(column, row, buffer);
    }

    /// <summary>Reads one value from the front of a key and appends it; the rest of the key is returned.</summary>
    internal ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> key, ColumnBuilder builder)
    {
        if (_nullable)
        {
            bool missing = key[0] == 0;
            key = key[1..];
            if (missing)
            {
                builder.AppendNull();
                return key;
            }
        }

        return DecodeValue(key, builder);
    }

    private protected abstract void EncodeValue(Column column, int row, ByteBuffer buffer);

    private protected abstract ReadOnlySpan<byte> DecodeValue(ReadOnlySpan<byte> key, ColumnBuilder builder);

    private sealed class Maker(ColumnType type) : IValueKindVisitor<KeyCodec>
    {
        public KeyCodec Visit<T>()
            where T : unmanaged => new FixedKeyCodec<T>(type);
    }
}

/// <summary>Numbers, booleans and moments: 8 bytes or fewer, big-endian, shifted so that bytes order as values do.</summary>
internal sealed class FixedKeyCodec<T>(ColumnType type) : KeyCodec(type)
    where T : unmanaged
{
    private protected override void EncodeValue(Column column, int row, ByteBuffer buffer) =>
        BinaryPrimitives.WriteUInt64BigEndian(buffer.Append(8), KeyBits.ToOrdered(((FixedColumn<T>)column).Values[row]));

    private protected override ReadOnlySpan<byte> DecodeValue(ReadOnlySpan<byte> key, ColumnBuilder builder)
    {
        ((FixedColumnBuilder<T>)builder).Append(KeyBits.FromOrdered<T>(BinaryPrimitives.ReadUInt64BigEndian(key)));
        return key[8..];
    }
}

/// <summary>Fixed-size values as 64 bits whose unsigned order is the values' order.</summary>
internal static class KeyBits
{
    private const ulong Sign = 1UL << 63;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ToOrdered<T>(T value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(int))
        {
            return (ulong)(long)Unsafe.As<T, int>(ref value) ^ Sign;
        }

        if (typeof(T) == typeof(long))
        {
            return (ulong)Unsafe.As<T, long>(ref value) ^ Sign;
        }

        if (typeof(T) == typeof(bool))
        {
            return Unsafe.As<T, bool>(ref value) ? 1UL : 0UL;
        }

        if (typeof(T) == typeof(sbyte))
        {
            return (ulong)(long)Unsafe.As<T, sbyte>(ref value) ^ Sign;
        }

        if (typeof(T) == typeof(short))
        {
            return (ulong)(long)Unsafe.As<T, short>(ref value) ^ Sign;
        }

        if (typeof(T) == typeof(byte))
        {
            return Unsafe.As<T, byte>(ref value);
        }

        if (typeof(T) == typeof(ushort))
        {
            return Unsafe.As<T, ushort>(ref value);
        }

        if (typeof(T) == typeof(uint))
        {
            return Unsafe.As<T, uint>(ref value);
        }

        if (typeof(T) == typeof(ulong))
        {
            return Unsafe.As<T, ulong>(ref value);
        }

        if (typeof(T) == typeof(DateTime))
        {
            return (ulong)Unsafe.As<T, DateTime>(ref value).Ticks;
        }

        if (typeof(T) == typeof(DateTimeOffset))
        {
            return (ulong)Unsafe.As<T, DateTimeOffset>(ref value).UtcTicks;
        }

        if (typeof(T) == typeof(TimeSpan))
        {
            return (ulong)Unsafe.As<T, TimeSpan>(ref value).Ticks ^ Sign;
        }

        if (typeof(T) == typeof(double))
        {
            return Ordered(Unsafe.As<T, double>(ref value));
        }

        if (typeof(T) == typeof(float))
        {
            return Ordered(Unsafe.As<T, float>(ref value));
        }

        throw new InvalidOperationException($"{typeof(T)} is no key of 64 bits");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T FromOrdered<T>(ulong bits)
        where T : unmanaged
    {
        // One branch is compiled for each T; through object instead, every key would be boxed.
        if (typeof(T) == typeof(int))
        {
            return Unsafe.BitCast<int, T>((int)(long)(bits ^ Sign));
        }

        if (typeof(T) == typeof(long))
        {
            return Unsafe.BitCast<long, T>((long)(bits ^ Sign));
        }

        if (typeof(T) == typeof(bool))
        {
            return Unsafe.BitCast<bool, T>(bits != 0);
        }

        if (typeof(T) == typeof(sbyte))
        {
            return Unsafe.BitCast<sbyte, T>((sbyte)(long)(bits ^ Sign));
        }

        if (typeof(T) == typeof(short))
        {
            return Unsafe.BitCast<short, T>((short)(long)(bits ^ Sign));
        }

        if (typeof(T) == typeof(byte))
        {
            return Unsafe.BitCast<byte, T>((byte)bits);
        }

        if (typeof(T) == typeof(ushort))
        {
            return Unsafe.BitCast<ushort, T>((ushort)bits);
        }

        if (typeof(T) == typeof(uint))
        {
            return Unsafe.BitCast<uint, T>((uint)bits);
        }

        if (typeof(T) == typeof(ulong))
        {
            return Unsafe.BitCast<ulong, T>(bits);
        }

        if (typeof(T) == typeof(DateTime))
        {
            return Unsafe.BitCast<DateTime, T>(new DateTime((long)bits, DateTimeKind.Utc));
        }

        if (typeof(T) == typeof(DateTimeOffset))
        {
            return Unsafe.BitCast<DateTimeOffset, T>(new DateTimeOffset((long)bits, TimeSpan.Zero));
        }

        if (typeof(T) == typeof(TimeSpan))
        {
            return Unsafe.BitCast<TimeSpan, T>(new TimeSpan((long)(bits ^ Sign)));
        }

        if (typeof(T) == typeof(double))
        {
            return Unsafe.BitCast<double, T>(Unordered(bits));
        }

        if (typeof(T) == typeof(float))
        {
            return Unsafe.BitCast<float, T>((float)Unordered(bits));
        }

        throw new InvalidOperationException($"{typeof(T)} is no key of 64 bits");
    }

    private static ulong Ordered(double value)
    {
        if (double.IsNaN(value))
        {
            return 0; // below every number, as double.CompareTo has it
        }

        ulong bits = BitConverter.DoubleToUInt64Bits(value == 0 ? 0.0 : value);
        return (bits & Sign) != 0 ? ~bits : bits | Sign;
    }

    private static double Unordered(ulong bits) =>
        bits == 0 ? double.NaN : BitConverter.UInt64BitsToDouble((bits & Sign) != 0 ? bits & ~Sign : ~bits);
}

/// <summary>
/// Text and bytes: each 0 byte becomes 0 FF and the end is 0 0, so that a shorter text sorts before one that it begins
/// and nothing of a following column can be taken for a part of it.
/// </summary>
internal sealed class BytesKeyCodec(ColumnType type) : KeyCodec(type)
{
    private protected override void EncodeValue(Column column, int row, ByteBuffer buffer)
    {
        ReadOnlySpan<byte> value = ((BytesColumn)column).GetBytes(row);
        int zero;
        while ((zero = value.IndexOf((byte)0)) >= 0)
        {
            buffer.Append(value[..(zero + 1)]);
            buffer.Append(1)[0] = 0xFF;
            value = value[(zero + 1)..];
        }

        buffer.Append(value);
        buffer.Append(2).Clear();
    }

    private protected override ReadOnlySpan<byte> DecodeValue(ReadOnlySpan<byte> key, ColumnBuilder builder)
    {
        TextColumnBuilder text = (TextColumnBuilder)builder;
        int zero = key.IndexOf((byte)0);
        if (key[zero + 1] == 0)
        {
            text.Append(key[..zero]);
            return key[(zero + 2)..];
        }

        ByteBuffer value = new();
        while (key[zero + 1] != 0)
        {
            value.Append(key[..(zero + 1)]);
            key = key[(zero + 2)..];
            zero = key.IndexOf((byte)0);
        }

        value.Append(key[..zero]);
        text.Append(value.Span);
        return key[(zero + 2)..];
    }
}

/// <summary>Decimals: the value times 10^28, 25 bytes big-endian, shifted to be positive.</summary>
internal sealed class DecimalKeyCodec(ColumnType type) : KeyCodec(type)
{
    /// <summary>96 bits times 10^28 (94 bits) and a sign fit into 191 bits.</summary>
    private const int SizeBytes = 25;

    private const int ScaleMax = 28;

    private static readonly BigInteger Offset = BigInteger.One << ((SizeBytes * 8) - 1);

    private protected override void EncodeValue(Column column, int row, ByteBuffer buffer)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(((FixedColumn<decimal>)column).Values[row], parts);
        BigInteger magnitude = ((((BigInteger)(uint)parts[2] << 32) + (uint)parts[1]) << 32) + (uint)parts[0];
        magnitude *= BigInteger.Pow(10, ScaleMax - ((parts[3] >> 16) & 0xFF));
        BigInteger shifted = Offset + (parts[3] < 0 ? -magnitude : magnitude);
        Span<byte> target = buffer.Append(SizeBytes);
        target.Clear();
        int length = shifted.GetByteCount(isUnsigned: true);
        Invariant.Holds(shifted.TryWriteBytes(target[(SizeBytes - length)..], out _, isUnsigned: true, isBigEndian: true));
    }

    private protected override ReadOnlySpan<byte> DecodeValue(ReadOnlySpan<byte> key, ColumnBuilder builder)
    {
        BigInteger value = new BigInteger(key[..SizeBytes], isUnsigned: true, isBigEndian: true) - Offset;
        BigInteger magnitude = BigInteger.Abs(value);
        int scale = ScaleMax;
        while (scale > 0 && magnitude % 10 == 0)
        {
            magnitude /= 10;
            scale--;
        }

        ((FixedColumnBuilder<decimal>)builder).Append(new decimal(
            (int)(uint)(magnitude & uint.MaxValue),
            (int)(uint)((magnitude >> 32) & uint.MaxValue),
            (int)(uint)((magnitude >> 64) & uint.MaxValue),
            value.Sign < 0,
            (byte)scale));
        return key[SizeBytes..];
    }
}
