using System.Buffers.Binary;
using System.Text;

namespace Culvert.Sealing;

/// <summary>Fields from the front of bytes; every read says whether the bytes were there.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> source)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = source;

    /// <summary>Bytes not read yet.</summary>
    internal readonly int Left => _rest.Length;

    internal bool TryTake(long count, out ReadOnlySpan<byte> bytes)
    {
        if (count < 0 || count > _rest.Length)
        {
            bytes = default;
            return false;
        }

        bytes = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return true;
    }

    internal bool TryByte(out byte value)
    {
        bool taken = TryTake(1, out ReadOnlySpan<byte> bytes);
        value = taken ? bytes[0] : (byte)0;
        return taken;
    }

    internal bool TryUInt16(out ushort value)
    {
        bool taken = TryTake(sizeof(ushort), out ReadOnlySpan<byte> bytes);
        value = taken ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;
        return taken;
    }

    internal bool TryInt32(out int value)
    {
        bool taken = TryTake(sizeof(int), out ReadOnlySpan<byte> bytes);
        value = taken ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
        return taken;
    }

    internal bool TryInt64(out long value)
    {
        bool taken = TryTake(sizeof(long), out ReadOnlySpan<byte> bytes);
        value = taken ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
        return taken;
    }

    /// <summary>16 bytes, big-endian: an id, a salt, a tag.</summary>
    internal bool TryUInt128(out UInt128 value)
    {
        bool taken = TryTake(16, out ReadOnlySpan<byte> bytes);
        value = taken ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : UInt128.Zero;
        return taken;
    }

    /// <summary>UTF-8 that is valid.</summary>
    internal bool TryText(long count, out string text)
    {
        text = "";
        if (!TryTake(count, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
