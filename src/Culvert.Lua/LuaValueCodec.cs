using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Culvert.Lua.Native;
using static Culvert.Lua.Native.LuaNative;

namespace Culvert.Lua;

/// <summary>
/// Plain Lua values as bytes. A value is a tag and what the tag says:
/// 0 nil, 1 false, 2 true; 3 an integer (8 bytes, big-endian, the sign bit flipped); 4 a float (8 bytes, big-endian, so
/// flipped that bytes compare as numbers; any NaN is one NaN); 5 a string (length as 4 bytes big-endian, then bytes);
/// 6 a table (number of entries as 4 bytes big-endian, then key and value of each). Keys are written in the order of their
/// bytes, each once, and are no nil, table, NaN or float with a whole value. So a value has one form, and others are refused.
/// </summary>
internal static class LuaValueCodec
{
    /// <summary>Tables in tables; accumulators of people are flat.</summary>
    internal const int DepthMax = 32;

    private const byte Nil = 0;
    private const byte False = 1;
    private const byte True = 2;
    private const byte Integer = 3;
    private const byte Float = 4;
    private const byte String = 5;
    private const byte Table = 6;

    private const ulong SignBit = 1UL << 63;

    /// <summary>Writes the value on top of the stack; the reason when that cannot be done, with nothing written.</summary>
    internal static string? Write(nint lua, IBufferWriter<byte> writer, int bytesMax)
    {
        ArrayBufferWriter<byte> buffer = new();
        string? problem = Encode(lua, buffer, bytesMax, 0);
        if (problem is null)
        {
            writer.Write(buffer.WrittenSpan);
        }

        return problem;
    }

    /// <summary>Whether the bytes are exactly one value in its only form; null when they are.</summary>
    internal static Failure? Check(ReadOnlySpan<byte> bytes)
    {
        int position = 0;
        string? problem = CheckValue(bytes, ref position, 0);
        problem ??= position < bytes.Length ? "bytes behind the value" : null;
        return problem is null
            ? null
            : new Failure(FailureKind.Malformed, string.Create(CultureInfo.InvariantCulture, $"a saved accumulator is damaged at byte {position}: {problem}"));
    }

    /// <summary>Pushes a value that <see cref="Check"/> has accepted.</summary>
    internal static void Push(nint lua, ReadOnlySpan<byte> bytes)
    {
        int position = 0;
        PushValue(lua, bytes, ref position);
    }

    private static void Tag(ArrayBufferWriter<byte> buffer, byte tag)
    {
        buffer.GetSpan(1)[0] = tag;
        buffer.Advance(1);
    }

    private static void Number(ArrayBufferWriter<byte> buffer, ulong bits)
    {
        BinaryPrimitives.WriteUInt64BigEndian(buffer.GetSpan(8), bits);
        buffer.Advance(8);
    }

    private static void Length(ArrayBufferWriter<byte> buffer, int length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(buffer.GetSpan(4), (uint)length);
        buffer.Advance(4);
    }

    private static ulong Sortable(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(double.IsNaN(value) ? double.NaN : value);
        return (bits & SignBit) != 0 ? ~bits : bits | SignBit;
    }

    private static double Unsortable(ulong bits) =>
        BitConverter.UInt64BitsToDouble((bits & SignBit) != 0 ? bits & ~SignBit : ~bits);

    private static unsafe string? Encode(nint lua, ArrayBufferWriter<byte> buffer, int bytesMax, int depth)
    {
        int whole;
        int type = Type(lua, -1);
        switch (type)
        {
            case TypeNil:
                Tag(buffer, Nil);
                break;
            case TypeBoolean:
                Tag(buffer, ToBoolean(lua, -1) != 0 ? True : False);
                break;
            case TypeNumber when IsInteger(lua, -1) != 0:
                Tag(buffer, Integer);
                Number(buffer, (ulong)ToInteger(lua, -1, &whole) ^ SignBit);
                break;
            case TypeNumber:
                Tag(buffer, Float);
                Number(buffer, Sortable(ToNumber(lua, -1, &whole)));
                break;
            case TypeString:
                ReadOnlySpan<byte> text = StringAt(lua, -1);
                if (text.Length > bytesMax)
                {
                    return TooLarge(bytesMax);
                }

                Tag(buffer, String);
                Length(buffer, text.Length);
                buffer.Write(text);
                break;
            case TypeTable:
                return EncodeTable(lua, buffer, bytesMax, depth);
            default:
                return type == TypeFunction ? "it holds a function" : "it holds a coroutine";
        }

        return buffer.WrittenCount > bytesMax ? TooLarge(bytesMax) : null;
    }

    private static string TooLarge(int bytesMax) => $"it takes more than {bytesMax} bytes";

    private static string? EncodeTable(nint lua, ArrayBufferWriter<byte> buffer, int bytesMax, int depth)
    {
        if (depth >= DepthMax)
        {
            return $"it is nested deeper than {DepthMax} tables, or holds itself";
        }

        if (GetMetatable(lua, -1) != 0)
        {
            return "it holds a table with a metatable (of a class, or from json.decode)";
        }

        Invariant.Holds(CheckStack(lua, 8) != 0);
        ArrayBufferWriter<byte> own = new();
        List<(int Start, int KeyLength, int Length)> entries = [];
        int table = GetTop(lua);
        PushNil(lua);
        while (Next(lua, table) != 0)
        {
            int start = own.WrittenCount;
            LuaNative.PushValue(lua, -2);
            string? problem = Type(lua, -1) is TypeBoolean or TypeNumber or TypeString
                ? Encode(lua, own, bytesMax, depth)
                : "a key is neither text nor a number nor a boolean";
            Pop(lua, 1);
            int keyLength = own.WrittenCount - start;
            problem ??= Encode(lua, own, bytesMax - buffer.WrittenCount, depth + 1);
            if (problem is not null || buffer.WrittenCount + own.WrittenCount > bytesMax)
            {
                return problem ?? TooLarge(bytesMax);
            }

            entries.Add((start, keyLength, own.WrittenCount - start));
            Pop(lua, 1);
        }

        byte[] bytes = own.WrittenSpan.ToArray();
        entries.Sort((a, b) => bytes.AsSpan(a.Start, a.KeyLength).SequenceCompareTo(bytes.AsSpan(b.Start, b.KeyLength)));
        Tag(buffer, Table);
        Length(buffer, entries.Count);
        foreach ((int start, _, int length) in entries)
        {
            buffer.Write(bytes.AsSpan(start, length));
        }

        return buffer.WrittenCount > bytesMax ? TooLarge(bytesMax) : null;
    }

    private static string? CheckValue(ReadOnlySpan<byte> bytes, ref int position, int depth)
    {
        if (position >= bytes.Length)
        {
            return "it ends early";
        }

        byte tag = bytes[position];
        ReadOnlySpan<byte> rest = bytes[(position + 1)..];
        switch (tag)
        {
            case Nil or False or True:
                position += 1;
                return null;
            case Integer or Float when rest.Length < 8:
                return "it ends early";
            case Integer:
                position += 9;
                return null;
            case Float:
                ulong bits = BinaryPrimitives.ReadUInt64BigEndian(rest);
                if (Sortable(Unsortable(bits)) != bits)
                {
                    return "a NaN that is not the one that is written";
                }

                position += 9;
                return null;
            case String or Table when rest.Length < 4:
                return "it ends early";
            case String:
                uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
                if (length > rest.Length - 4)
                {
                    return "it ends early";
                }

                position += 5 + (int)length;
                return null;
            case Table:
                return CheckTable(bytes, ref position, depth);
            default:
                return "an unknown kind of value";
        }
    }

    private static string? CheckTable(ReadOnlySpan<byte> bytes, ref int position, int depth)
    {
        if (depth >= DepthMax)
        {
            return "nested too deep";
        }

        uint count = BinaryPrimitives.ReadUInt32BigEndian(bytes[(position + 1)..]);
        position += 5;

        // A key and a value take two bytes at the least; a count beyond that is a lie.
        if (count > (bytes.Length - position) / 2)
        {
            return "more entries than bytes";
        }

        ReadOnlySpan<byte> before = default;
        for (uint i = 0; i < count; i++)
        {
            int start = position;
            if (position < bytes.Length && bytes[position] is Nil or Table)
            {
                return "a key that is nil or a table";
            }

            if (CheckValue(bytes, ref position, depth) is { } problem)
            {
                return problem;
            }

            ReadOnlySpan<byte> key = bytes[start..position];
            if (key[0] == Float && IsNoKey(Unsortable(BinaryPrimitives.ReadUInt64BigEndian(key[1..]))))
            {
                return "a float as a key that is NaN or has a whole value";
            }

            if (i > 0 && before.SequenceCompareTo(key) >= 0)
            {
                return "keys out of order";
            }

            before = key;
            if (position < bytes.Length && bytes[position] == Nil)
            {
                return "a value that is nil";
            }

            if (CheckValue(bytes, ref position, depth + 1) is { } inner)
            {
                return inner;
            }
        }

        return null;
    }

    /// <summary>Lua turns a float key with a whole value that fits into an integer, and has no NaN keys.</summary>
    private static bool IsNoKey(double value) =>
        double.IsNaN(value) || (Math.Floor(value) == value && value >= -9223372036854775808.0 && value < 9223372036854775808.0);

    private static void PushValue(nint lua, ReadOnlySpan<byte> bytes, ref int position)
    {
        byte tag = bytes[position++];
        switch (tag)
        {
            case Nil:
                PushNil(lua);
                break;
            case False or True:
                PushBoolean(lua, tag == True ? 1 : 0);
                break;
            case Integer:
                PushInteger(lua, (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes[position..]) ^ SignBit));
                position += 8;
                break;
            case Float:
                PushNumber(lua, Unsortable(BinaryPrimitives.ReadUInt64BigEndian(bytes[position..])));
                position += 8;
                break;
            case String:
                int length = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes[position..]);
                PushString(lua, bytes.Slice(position + 4, length));
                position += 4 + length;
                break;
            default:
                int count = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes[position..]);
                position += 4;
                Invariant.Holds(CheckStack(lua, 8) != 0);
                CreateTable(lua, 0, 0);
                for (int i = 0; i < count; i++)
                {
                    PushValue(lua, bytes, ref position);
                    PushValue(lua, bytes, ref position);
                    RawSet(lua, -3);
                }

                break;
        }
    }
}
