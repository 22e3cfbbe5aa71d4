using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Culvert.Sealing;

/// <summary>A sealed file that was read: which, and with what content.</summary>
public readonly record struct SealedInput(StreamId Stream, EndDigest Digest);

/// <summary>What a strand covers, as Culvert writes it into ends (docs/specs/sealed-file.md, "Coverage").</summary>
public sealed record SealedCoverage
{
    private const byte Version = 1;

    /// <summary>Whether all input was worked off.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>Rows read that this strand accounts for; a file's figure is the sum over its strands.</summary>
    public long RowsRead { get; init; }

    /// <summary>How long the run took, where the writer knows; a file's figure is the greatest.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>The sealed files that were read.</summary>
    public ImmutableArray<SealedInput> Inputs { get; init; } = [];

    /// <summary>Up to where, in words; empty when complete.</summary>
    public string UpTo { get; init; } = "";

    /// <summary>The bytes for an end.</summary>
    public byte[] ToBytes()
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Byte(Version);
        writer.Byte(IsComplete ? (byte)1 : (byte)0);
        writer.Int64(RowsRead);
        writer.Int64(Elapsed is { } elapsed ? (long)elapsed.TotalMilliseconds : -1);
        writer.Int32(Inputs.Length);
        foreach (SealedInput input in Inputs)
        {
            writer.UInt128(input.Stream.Value);
            writer.UInt128(input.Digest.High);
            writer.UInt128(input.Digest.Low);
        }

        byte[] upTo = Encoding.UTF8.GetBytes(UpTo);
        writer.Int32(upTo.Length);
        writer.Write(upTo);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static Outcome<SealedCoverage> FromBytes(ReadOnlySpan<byte> bytes)
    {
        WireReader reader = new(bytes);
        Failure damaged = new(FailureKind.Malformed, "what a strand's end says about its coverage cannot be read: another version of this program wrote it");
        if (!reader.TryByte(out byte version) || version != Version || !reader.TryByte(out byte complete) || complete > 1
            || !reader.TryInt64(out long rows) || rows < 0 || !reader.TryInt64(out long elapsed) || elapsed < -1 || elapsed > MillisecondsMax
            || !reader.TryInt32(out int inputs) || inputs < 0 || (long)inputs * 48 > reader.Left)
        {
            return damaged;
        }

        ImmutableArray<SealedInput>.Builder builder = ImmutableArray.CreateBuilder<SealedInput>(inputs);
        for (int i = 0; i < inputs; i++)
        {
            _ = reader.TryUInt128(out UInt128 stream) & reader.TryUInt128(out UInt128 high) & reader.TryUInt128(out UInt128 low);
            builder.Add(new SealedInput(new StreamId(stream), new EndDigest(high, low)));
        }

        return reader.TryInt32(out int length) && reader.TryText(length, out string upTo) && reader.Left == 0
            ? new SealedCoverage
            {
                IsComplete = complete == 1,
                RowsRead = rows,
                Elapsed = elapsed < 0 ? null : TimeSpan.FromMilliseconds(elapsed),
                Inputs = builder.MoveToImmutable(),
                UpTo = upTo,
            }
            : damaged;
    }

    /// <summary>A file's coverage, from that of its strands: at least one.</summary>
    public static SealedCoverage Merge(IReadOnlyList<SealedCoverage> strands) => new()
    {
        IsComplete = strands.All(s => s.IsComplete),
        RowsRead = strands.Sum(s => s.RowsRead),
        Elapsed = strands.Max(s => s.Elapsed),
        Inputs = [.. strands.SelectMany(s => s.Inputs).Distinct()],
        UpTo = string.Join("; ", strands.Select(s => s.UpTo).Where(u => u.Length > 0).Distinct()),
    };

    /// <summary>A thousand years: a span that TimeSpan can have.</summary>
    private const long MillisecondsMax = 1000L * 366 * 24 * 3600 * 1000;
}
