using System.Buffers.Binary;

namespace Culvert.Stages;

/// <summary>
/// Reads fields off bytes that may be anything: past the end it gives zeros and remembers, so that the caller checks once,
/// before it believes what it read.
/// </summary>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True once a field was not there.</summary>
    internal bool IsCut { get; private set; }

    /// <summary>Bytes that were not read.</summary>
    internal readonly int Left => _rest.Length;

    internal byte Byte() => Take(1) is [byte value] ? value : (byte)0;

    internal ushort UInt16() => Take(sizeof(ushort)) is { Length: > 0 } field ? BinaryPrimitives.ReadUInt16LittleEndian(field) : (ushort)0;

    internal int Int32() => Take(sizeof(int)) is { Length: > 0 } field ? BinaryPrimitives.ReadInt32LittleEndian(field) : 0;

    internal long Int64() => Take(sizeof(long)) is { Length: > 0 } field ? BinaryPrimitives.ReadInt64LittleEndian(field) : 0;

    internal UInt128 UInt128() => Take(16) is { Length: > 0 } field ? BinaryPrimitives.ReadUInt128BigEndian(field) : 0;

    /// <summary>So many bytes; none, and cut, when there are fewer.</summary>
    internal ReadOnlySpan<byte> Take(int length)
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
