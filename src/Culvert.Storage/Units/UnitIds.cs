using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Culvert.Storage;

/// <summary>A store: 128 random bits, drawn when it is made.</summary>
public readonly record struct StoreId(UInt128 Value)
{
    /// <summary>A new one.</summary>
    public static StoreId Random(IEntropy entropy) => new(UnitIds.Random(entropy));

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>A value: 128 random bits, drawn for each upload.</summary>
public readonly record struct ValueId(UInt128 Value)
{
    /// <summary>A new one.</summary>
    public static ValueId Random(IEntropy entropy) => new(UnitIds.Random(entropy));

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>A client that writes: 64 random bits, kept with its state.</summary>
public readonly record struct WriterId(ulong Value) : IComparable<WriterId>
{
    /// <summary>A new one.</summary>
    public static WriterId Random(IEntropy entropy) => new((ulong)UnitIds.Random(entropy));

    /// <inheritdoc/>
    public int CompareTo(WriterId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>SHA-256 of something.</summary>
public readonly record struct ContentDigest(UInt128 High, UInt128 Low) : IComparable<ContentDigest>
{
    /// <summary>Length in bytes.</summary>
    public const int SizeBytes = 32;

    /// <summary>The digest of some bytes.</summary>
    public static ContentDigest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SizeBytes];
        SHA256.HashData(bytes, digest);
        return FromBytes(digest);
    }

    /// <summary>From exactly 32 bytes.</summary>
    public static ContentDigest FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == SizeBytes
        ? new ContentDigest(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]))
        : throw new ArgumentException("a digest has 32 bytes", nameof(bytes));

    /// <inheritdoc/>
    public int CompareTo(ContentDigest other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x32}{Low:x32}");

    internal void WriteTo(IBufferWriter<byte> writer)
    {
        writer.UInt128(High);
        writer.UInt128(Low);
    }

    internal static ContentDigest ReadFrom(ref FieldReader reader) => new(reader.UInt128(), reader.UInt128());
}

/// <summary>A metadata record's age: records are compared by counter, then writer, then digest, so that those of two writers are told apart.</summary>
public readonly record struct RecordVersion(long Counter, WriterId Writer, ContentDigest Digest) : IComparable<RecordVersion>
{
    /// <inheritdoc/>
    public int CompareTo(RecordVersion other)
    {
        int counter = Counter.CompareTo(other.Counter);
        int writer = Writer.CompareTo(other.Writer);
        return counter != 0 ? counter : writer != 0 ? writer : Digest.CompareTo(other.Digest);
    }

    public static bool operator <(RecordVersion left, RecordVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(RecordVersion left, RecordVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(RecordVersion left, RecordVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RecordVersion left, RecordVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Counter}-{Writer}-{Digest.High >> 96:x8}");
}

internal static class UnitIds
{
    internal static UInt128 Random(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[16];
        entropy.Fill(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
