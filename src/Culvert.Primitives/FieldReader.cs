using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Culvert;

/// <summary>
/// Reads fields off bytes that may be anything: past the end it gives zeros and remembers, so that the caller checks once,
/// before it believes what it read.
/// </summary>
public ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True once a field was not there.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Bytes that were not read.</summary>
    public readonly int Left => _rest.Length;

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1) is [byte value] ? value : (byte)0;

    /// <summary>2 bytes, little-endian.</summary>
    public ushort UInt16() => Take(sizeof(ushort)) is { Length: > 0 } field ? BinaryPrimitives.ReadUInt16LittleEndian(field) : (ushort)0;

    /// <summary>4 bytes, little-endian.</summary>
    public int Int32() => Take(sizeof(int)) is { Length: > 0 } field ? BinaryPrimitives.ReadInt32LittleEndian(field) : 0;

    /// <summary>8 bytes, little-endian.</summary>
    public long Int64() => Take(sizeof(long)) is { Length: > 0 } field ? BinaryPrimitives.ReadInt64LittleEndian(field) : 0;

    /// <summary>16 bytes, big-endian.</summary>
    public UInt128 UInt128() => Take(16) is { Length: > 0 } field ? BinaryPrimitives.ReadUInt128BigEndian(field) : 0;

    /// <summary>Bytes behind their length (4 bytes), of at most <paramref name="lengthMax"/>; none, and cut, when there are more or fewer.</summary>
    public ReadOnlySpan<byte> Part(int lengthMax)
    {
        int length = Int32();
        return Take(length <= lengthMax ? length : -1);
    }

    /// <summary>UTF-8 behind its length, of at most so many bytes; what is not UTF-8 counts as cut.</summary>
    public string Text(int lengthMax)
    {
        ReadOnlySpan<byte> bytes = Part(lengthMax);
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        IsCut = true;
        return "";
    }

    /// <summary>So many bytes; none, and cut, when there are fewer.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length)
        {
            IsCut = true;
            _rest = default;
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
