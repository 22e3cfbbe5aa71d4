using System.Buffers.Binary;
using System.Text;

namespace Culvert.Attestation;

/// <summary>Entries of an array or map that are still to be read: so many, or at most so many until a break.</summary>
internal readonly record struct CborEntries(int Left, bool IsIndefinite);

/// <summary>
/// Reads the part of CBOR (RFC 8949) that attestation documents use: lengths in their shortest form, unsigned and negative
/// integers, byte and text strings, arrays, maps, null. Where a caller says so, an array or map may also be of indefinite
/// length, ended by a break. After the first thing that is not so, <see cref="Failed"/> stays true and everything read is
/// empty. Allocates nothing.
/// </summary>
internal ref struct CborReader(ReadOnlySpan<byte> bytes)
{
    private const int Unsigned = 0;
    private const int Negative = 1;
    private const int ByteString = 2;
    private const int TextString = 3;
    private const int Array = 4;
    private const int Map = 5;
    private const byte Null = 0xF6;
    private const int Indefinite = 31;
    private const byte Break = 0xFF;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether something was not as expected.</summary>
    internal bool Failed { get; private set; }

    /// <summary>Whether everything was read, and well.</summary>
    internal readonly bool AtEnd => !Failed && _rest.IsEmpty;

    internal ulong ReadUnsigned() => ReadHead(Unsigned);

    /// <summary>A negative integer that fits 32 bits.</summary>
    internal int ReadNegative()
    {
        ulong value = ReadHead(Negative);
        return value <= int.MaxValue ? -1 - (int)value : (int)Fail();
    }

    internal int ReadArray(int countMax) => ReadCount(Array, countMax);

    internal int ReadMap(int countMax) => ReadCount(Map, countMax);

    /// <summary>Begins an array of stated or of indefinite length; <see cref="TryNext"/> tells of each entry.</summary>
    internal CborEntries BeginArray(int countMax) => Begin(Array, countMax);

    /// <summary>Begins a map of stated or of indefinite length; <see cref="TryNext"/> tells of each name with its value.</summary>
    internal CborEntries BeginMap(int countMax) => Begin(Map, countMax);

    /// <summary>Whether another entry follows; takes the break that ends an indefinite length.</summary>
    internal bool TryNext(ref CborEntries entries)
    {
        if (Failed)
        {
            return false;
        }

        if (entries.IsIndefinite && _rest is [Break, ..])
        {
            _rest = _rest[1..];
            return false;
        }

        if (entries.Left > 0)
        {
            entries = entries with { Left = entries.Left - 1 };
            return true;
        }

        if (entries.IsIndefinite)
        {
            Fail();
        }

        return false;
    }

    internal ReadOnlySpan<byte> ReadBytes(int lengthMax) => ReadString(ByteString, lengthMax);

    internal string ReadText(int lengthMax)
    {
        ReadOnlySpan<byte> text = ReadString(TextString, lengthMax);
        if (System.Text.Unicode.Utf8.IsValid(text))
        {
            return Encoding.UTF8.GetString(text);
        }

        Fail();
        return "";
    }

    /// <summary>Takes null when it is next.</summary>
    internal bool TryReadNull()
    {
        if (Failed || _rest.IsEmpty || _rest[0] != Null)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }

    private CborEntries Begin(int major, int countMax)
    {
        if (Failed || _rest.IsEmpty || _rest[0] != ((major << 5) | Indefinite))
        {
            return new CborEntries(ReadCount(major, countMax), IsIndefinite: false);
        }

        _rest = _rest[1..];
        return new CborEntries(countMax, IsIndefinite: true);
    }

    private int ReadCount(int major, int countMax)
    {
        ulong count = ReadHead(major);
        return count <= (ulong)countMax ? (int)count : (int)Fail();
    }

    private ReadOnlySpan<byte> ReadString(int major, int lengthMax)
    {
        ulong length = ReadHead(major);
        if (length > (ulong)lengthMax || length > (ulong)_rest.Length)
        {
            Fail();
            return [];
        }

        ReadOnlySpan<byte> content = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return content;
    }

    private ulong ReadHead(int major)
    {
        if (Failed || _rest.IsEmpty || _rest[0] >> 5 != major)
        {
            return Fail();
        }

        int info = _rest[0] & 0x1F;
        int extra = info switch { < 24 => 0, 24 => 1, 25 => 2, 26 => 4, 27 => 8, _ => -1 };
        if (extra < 0 || _rest.Length < 1 + extra)
        {
            return Fail();
        }

        ReadOnlySpan<byte> follows = _rest.Slice(1, extra);
        (ulong value, ulong least) = extra switch
        {
            0 => ((ulong)info, 0UL),
            1 => (follows[0], 24UL),
            2 => (BinaryPrimitives.ReadUInt16BigEndian(follows), 1UL << 8),
            4 => (BinaryPrimitives.ReadUInt32BigEndian(follows), 1UL << 16),
            _ => (BinaryPrimitives.ReadUInt64BigEndian(follows), 1UL << 32),
        };
        if (value < least)
        {
            return Fail();
        }

        _rest = _rest[(1 + extra)..];
        return value;
    }

    private ulong Fail()
    {
        Failed = true;
        _rest = [];
        return 0;
    }
}
