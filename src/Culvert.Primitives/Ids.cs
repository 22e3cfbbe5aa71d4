using System.Globalization;

namespace Culvert;

/// <summary>One execution of a plan: 128 random bits that a resumed run keeps.</summary>
public readonly record struct RunId(UInt128 Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>A stage of a plan, numbered from 0 in topological order.</summary>
public readonly record struct StageId(int Value) : IComparable<StageId>
{
    /// <inheritdoc/>
    public int CompareTo(StageId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"s{Value}");
}

/// <summary>An edge of a plan: the frames from one stage to one input of another; numbered from 0.</summary>
public readonly record struct EdgeId(int Value) : IComparable<EdgeId>
{
    /// <inheritdoc/>
    public int CompareTo(EdgeId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"e{Value}");
}

/// <summary>A share of a stage's keys or of a source's splits, from 0 up to the plan's count.</summary>
public readonly record struct PartitionId(int Value) : IComparable<PartitionId>
{
    /// <inheritdoc/>
    public int CompareTo(PartitionId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p{Value}");
}

/// <summary>Who makes frames: a stage's partition, never a worker or a process.</summary>
public readonly record struct Producer(StageId Stage, PartitionId Partition) : IComparable<Producer>
{
    /// <inheritdoc/>
    public int CompareTo(Producer other)
    {
        int stage = Stage.CompareTo(other.Stage);
        return stage != 0 ? stage : Partition.CompareTo(other.Partition);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Stage}/{Partition}";
}

/// <summary>The logical clock: a source cuts its input into rounds, numbered from 0. <see cref="None"/> is before the first.</summary>
public readonly record struct Round(long Value) : IComparable<Round>
{
    /// <summary>Before the first round: nothing is complete.</summary>
    public static Round None => new(-1);

    /// <summary>After every round: all input is complete.</summary>
    public static Round End => new(long.MaxValue);

    /// <summary>The round after this one.</summary>
    public Round Next => new(checked(Value + 1));

    /// <inheritdoc/>
    public int CompareTo(Round other) => Value.CompareTo(other.Value);

    public static bool operator <(Round left, Round right) => left.Value < right.Value;

    public static bool operator >(Round left, Round right) => left.Value > right.Value;

    public static bool operator <=(Round left, Round right) => left.Value <= right.Value;

    public static bool operator >=(Round left, Round right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() =>
        this == End ? "r-end" : string.Create(CultureInfo.InvariantCulture, $"r{Value}");
}

/// <summary>The place of a frame among those of one (edge, partition, producer): contiguous from 0.</summary>
public readonly record struct SequenceNumber(long Value) : IComparable<SequenceNumber>
{
    /// <summary>The number after this one.</summary>
    public SequenceNumber Next => new(checked(Value + 1));

    /// <inheritdoc/>
    public int CompareTo(SequenceNumber other) => Value.CompareTo(other.Value);

    public static bool operator <(SequenceNumber left, SequenceNumber right) => left.Value < right.Value;

    public static bool operator >(SequenceNumber left, SequenceNumber right) => left.Value > right.Value;

    public static bool operator <=(SequenceNumber left, SequenceNumber right) => left.Value <= right.Value;

    public static bool operator >=(SequenceNumber left, SequenceNumber right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{Value}");
}

/// <summary>SHA-256 of a plan's canonical form: the name by which keys, snapshots and manifests know it.</summary>
public readonly record struct PlanDigest(UInt128 High, UInt128 Low)
{
    /// <summary>Length of the digest in bytes.</summary>
    public const int SizeBytes = 32;

    /// <summary>Reads a digest from exactly 32 bytes.</summary>
    public static PlanDigest FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, SizeBytes);
        return new PlanDigest(
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[SizeBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), Low);
        return bytes;
    }

    /// <summary>The first 16 hexadecimal digits, for people.</summary>
    public string Short => ToString()[..16];

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x32}{Low:x32}");
}

/// <summary>A sealed file or stream: 128 random bits, drawn when it is begun.</summary>
public readonly record struct StreamId(UInt128 Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>Which of an edge's keys a frame is sealed with; counted from 0, changed at ends of rounds only.</summary>
public readonly record struct KeyEpoch(int Value) : IComparable<KeyEpoch>
{
    /// <inheritdoc/>
    public int CompareTo(KeyEpoch other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"k{Value}");
}
