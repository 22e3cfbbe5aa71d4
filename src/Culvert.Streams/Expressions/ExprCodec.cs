using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Culvert.Streams.Expressions;

/// <summary>The canonical encoding of expressions: docs/specs/expression.md.</summary>
internal static class ExprCodec
{
    private const byte Version = 1;
    private const byte ColumnTag = 1;
    private const byte ConstantTag = 2;
    private const byte UnaryTag = 3;
    private const byte BinaryTag = 4;
    private const byte ConditionalTag = 5;
    private const byte ConvertTag = 6;
    private const byte CallTag = 7;

    /// <summary>Bytes of a name.</summary>
    private const int NameBytesMax = 4_096;

    /// <summary>Bytes of one text or bytes constant.</summary>
    private const int ConstantBytesMax = 1 << 20;

    internal static void Write(Expr expr, IBufferWriter<byte> writer)
    {
        WriteByte(writer, Version);
        WriteNode(writer, expr);
    }

    internal static Outcome<Expr> Read(ReadOnlySpan<byte> bytes)
    {
        Reader reader = new(bytes);
        try
        {
            if (reader.Byte() != Version)
            {
                throw new FormatException("an expression of an unknown version");
            }

            Expr expr = ReadNode(ref reader, 1);
            return reader.AtEnd ? expr : throw new FormatException("bytes after the end");
        }
        catch (Exception e) when (e is FormatException or ExpressionTypeException)
        {
            return new Failure(FailureKind.Malformed, $"not an expression (at byte {reader.Offset}): {e.Message}");
        }
    }

    private static void WriteNode(IBufferWriter<byte> writer, Expr expr)
    {
        switch (expr)
        {
            case ColumnExpr e:
                WriteByte(writer, ColumnTag);
                WriteType(writer, e.Type);
                WriteLength(writer, e.Index);
                WriteBytes(writer, Encoding.UTF8.GetBytes(e.Name));
                return;
            case ConstantExpr e:
                WriteByte(writer, ConstantTag);
                WriteType(writer, e.Type);
                WriteValue(writer, e);
                return;
            case UnaryExpr e:
                WriteByte(writer, UnaryTag);
                WriteByte(writer, (byte)e.Operator);
                break;
            case BinaryExpr e:
                WriteByte(writer, BinaryTag);
                WriteByte(writer, (byte)e.Operator);
                break;
            case ConditionalExpr:
                WriteByte(writer, ConditionalTag);
                break;
            case ConvertExpr e:
                WriteByte(writer, ConvertTag);
                WriteType(writer, e.Type);
                WriteByte(writer, e.IsChecked ? (byte)1 : (byte)0);
                break;
            case CallExpr e:
                WriteByte(writer, CallTag);
                WriteByte(writer, (byte)e.Function);
                WriteByte(writer, (byte)e.Arguments.Length);
                break;
        }

        foreach (Expr child in expr.Children)
        {
            WriteNode(writer, child);
        }
    }

    private static void WriteValue(IBufferWriter<byte> writer, ConstantExpr e)
    {
        WriteByte(writer, e.Value is null ? (byte)0 : (byte)1);
        if (e.Value is null)
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[16];
        switch (e.Value)
        {
            case string or byte[]:
                WriteBytes(writer, e.Bytes);
                return;
            case decimal d:
                Span<int> parts = stackalloc int[4];
                decimal.GetBits(d, parts);
                for (int i = 0; i < 4; i++)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(buffer[(i * 4)..], parts[i]);
                }

                writer.Write(buffer);
                return;
            case DateTimeOffset d:
                BinaryPrimitives.WriteInt64LittleEndian(buffer, d.Ticks);
                BinaryPrimitives.WriteInt16LittleEndian(buffer[8..], (short)(d.Offset.Ticks / TimeSpan.TicksPerMinute));
                writer.Write(buffer[..10]);
                return;
        }

        long bits = e.Value switch
        {
            bool v => v ? 1 : 0,
            sbyte v => v,
            byte v => v,
            short v => v,
            ushort v => v,
            int v => v,
            uint v => v,
            long v => v,
            ulong v => (long)v,
            float v => BitConverter.SingleToInt32Bits(v),
            double v => BitConverter.DoubleToInt64Bits(v),
            TimeSpan v => v.Ticks,
            DateTime v => v.Ticks | ((long)v.Kind << 62),
            _ => throw new InvalidOperationException($"no constant can be a {e.Value.GetType()}"),
        };
        BinaryPrimitives.WriteInt64LittleEndian(buffer, bits);
        writer.Write(buffer[..FixedSize(e.Type.Kind)]);
    }

    private static int FixedSize(ValueKind kind) => kind switch
    {
        ValueKind.Bool or ValueKind.Int8 or ValueKind.UInt8 => 1,
        ValueKind.Int16 or ValueKind.UInt16 => 2,
        ValueKind.Int32 or ValueKind.UInt32 or ValueKind.Float32 => 4,
        _ => 8,
    };

    private static Expr ReadNode(ref Reader reader, int depth)
    {
        if (depth > Expr.DepthMax || ++reader.Nodes > Expr.NodesMax)
        {
            throw new FormatException("too many levels or parts");
        }

        switch (reader.Byte())
        {
            case ColumnTag:
                ColumnType columnType = reader.Type();
                int index = reader.Length(ColumnExpr.IndexMax);
                return Expr.Column(index, reader.Text(NameBytesMax), columnType);
            case ConstantTag:
                ColumnType constantType = reader.Type();
                return Expr.Constant(reader.Flag() ? ReadValue(ref reader, constantType.Kind) : null, constantType);
            case UnaryTag:
                UnaryOperator unary = (UnaryOperator)reader.Byte();
                return Expr.Unary(unary, ReadNode(ref reader, depth + 1));
            case BinaryTag:
                BinaryOperator binary = (BinaryOperator)reader.Byte();
                Expr left = ReadNode(ref reader, depth + 1);
                return Expr.Binary(binary, left, ReadNode(ref reader, depth + 1));
            case ConditionalTag:
                Expr test = ReadNode(ref reader, depth + 1);
                Expr whenTrue = ReadNode(ref reader, depth + 1);
                return Expr.Conditional(test, whenTrue, ReadNode(ref reader, depth + 1));
            case ConvertTag:
                ColumnType type = reader.Type();
                bool isChecked = reader.Flag();
                return Expr.Convert(ReadNode(ref reader, depth + 1), type, isChecked);
            case CallTag:
                Function function = (Function)reader.Byte();
                int count = reader.Byte();
                if (count is 0 or > CallExpr.ArgumentsMax)
                {
                    throw new FormatException("too few or too many arguments");
                }

                Expr[] arguments = new Expr[count];
                for (int i = 0; i < count; i++)
                {
                    arguments[i] = ReadNode(ref reader, depth + 1);
                }

                return Expr.Call(function, arguments);
            default:
                throw new FormatException("an unknown kind of part");
        }
    }

    private static object ReadValue(ref Reader reader, ValueKind kind)
    {
        switch (kind)
        {
            case ValueKind.Text:
                return reader.Text(ConstantBytesMax);
            case ValueKind.Bytes:
                return reader.Take(reader.Length(ConstantBytesMax)).ToArray();
            case ValueKind.Decimal:
                return ReadDecimal(reader.Take(16));
            case ValueKind.DateTimeOffset:
                ReadOnlySpan<byte> moment = reader.Take(10);
                return ReadOffset(BinaryPrimitives.ReadInt64LittleEndian(moment), BinaryPrimitives.ReadInt16LittleEndian(moment[8..]));
            case ValueKind.Bool:
                return reader.Flag();
        }

        Span<byte> buffer = stackalloc byte[8];
        buffer.Clear();
        reader.Take(FixedSize(kind)).CopyTo(buffer);
        long bits = BinaryPrimitives.ReadInt64LittleEndian(buffer);
        return kind switch
        {
            ValueKind.Int8 => (object)(sbyte)bits,
            ValueKind.UInt8 => (byte)bits,
            ValueKind.Int16 => (short)bits,
            ValueKind.UInt16 => (ushort)bits,
            ValueKind.Int32 => (int)bits,
            ValueKind.UInt32 => (uint)bits,
            ValueKind.Int64 => bits,
            ValueKind.UInt64 => (ulong)bits,
            ValueKind.Float32 => BitConverter.Int32BitsToSingle((int)bits),
            ValueKind.Float64 => BitConverter.Int64BitsToDouble(bits),
            ValueKind.TimeSpan => new TimeSpan(bits),
            _ => ReadDateTime(bits),
        };
    }

    private static DateTime ReadDateTime(long bits)
    {
        long ticks = bits & 0x3FFF_FFFF_FFFF_FFFF;
        int kind = (int)((ulong)bits >> 62);
        return ticks <= DateTime.MaxValue.Ticks && kind <= 2
            ? new DateTime(ticks, (DateTimeKind)kind)
            : throw new FormatException("a moment out of range");
    }

    private static DateTimeOffset ReadOffset(long ticks, short minutes)
    {
        long utc = ticks - (minutes * TimeSpan.TicksPerMinute);
        return Math.Abs((int)minutes) <= 14 * 60 && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks && utc >= 0 && utc <= DateTime.MaxValue.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.FromMinutes(minutes))
            : throw new FormatException("a moment out of range");
    }

    private static decimal ReadDecimal(ReadOnlySpan<byte> bytes)
    {
        int[] parts = new int[4];
        for (int i = 0; i < 4; i++)
        {
            parts[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 4)..]);
        }

        int scale = parts[3] >> 16 & 0xFF;
        return (parts[3] & 0x7F00_FFFF) == 0 && scale <= 28 ? new decimal(parts) : throw new FormatException("a decimal out of range");
    }

    private static void WriteByte(IBufferWriter<byte> writer, byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    private static void WriteType(IBufferWriter<byte> writer, ColumnType type)
    {
        WriteByte(writer, (byte)type.Kind);
        WriteByte(writer, type.Nullable ? (byte)1 : (byte)0);
    }

    private static void WriteBytes(IBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        WriteLength(writer, bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteLength(IBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(4), value);
        writer.Advance(4);
    }

    [StructLayout(LayoutKind.Auto)]
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private static readonly UTF8Encoding StrictText = new(false, throwOnInvalidBytes: true);
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        internal int Nodes;

        internal int Offset { get; private set; }

        internal readonly bool AtEnd => Offset == _bytes.Length;

        internal byte Byte() => Take(1)[0];

        internal bool Flag() => Byte() switch { 0 => false, 1 => true, _ => throw new FormatException("a flag that is neither 0 nor 1") };

        internal ColumnType Type()
        {
            ColumnType type = new((ValueKind)Byte(), Flag());
            return TypeRules.IsValueType(type) ? type : throw new FormatException("an unknown type");
        }

        internal int Length(int max)
        {
            uint value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
            return value <= (uint)max ? (int)value : throw new FormatException($"a number above {max}");
        }

        internal string Text(int max)
        {
            try
            {
                return StrictText.GetString(Take(Length(max)));
            }
            catch (DecoderFallbackException)
            {
                throw new FormatException("text that is not UTF-8");
            }
        }

        internal ReadOnlySpan<byte> Take(int count)
        {
            if (count > _bytes.Length - Offset)
            {
                throw new FormatException("the end comes too early");
            }

            Offset += count;
            return _bytes.Slice(Offset - count, count);
        }
    }
}
