using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;

namespace Culvert.Stages;

/// <summary>What a snapshot consists of: the run, the plan, the round, and each partition's record by its digest.</summary>
public sealed record RunManifest(
    RunId Run, PlanDigest Plan, Round Round, byte[] Meta, IReadOnlyList<(Producer Producer, int RecordBytes, byte[] Digest)> Partitions)
{
    private const int PartitionFieldBytes = 44;

    internal static byte[] Write(
        RunId run, PlanDigest plan, Round round, ReadOnlySpan<byte> meta, IReadOnlyList<PartitionSnapshot> partitions)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Write(SnapshotFormat.ManifestMark);
        writer.UInt16(SnapshotFormat.Version);
        writer.UInt16(0);
        writer.UInt128(run.Value);
        writer.UInt128(plan.High);
        writer.UInt128(plan.Low);
        writer.Int64(round.Value);
        writer.Int32(meta.Length);
        writer.Write(meta);
        writer.Int32(partitions.Count);
        for (int i = 0; i < partitions.Count; i++)
        {
            Invariant.Holds(i == 0 || partitions[i - 1].Producer.CompareTo(partitions[i].Producer) < 0);
            writer.Int32(partitions[i].Producer.Stage.Value);
            writer.Int32(partitions[i].Producer.Partition.Value);
            writer.Int32(partitions[i].RecordBytes);
            writer.Write(partitions[i].Digest);
        }

        writer.Write(SHA256.HashData(writer.WrittenSpan));
        Invariant.Holds(writer.WrittenCount <= SnapshotFormat.ManifestBytesMax);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a manifest; the failure says what is wrong, the caller where.</summary>
    internal static Outcome<RunManifest> Read(ReadOnlySpan<byte> bytes, PlanDigest plan, Round round)
    {
        FieldReader reader = new(bytes);
        if (!reader.Take(SnapshotFormat.ManifestMark.Length).SequenceEqual(SnapshotFormat.ManifestMark)
            || bytes.Length < SnapshotFormat.DigestBytes)
        {
            return new Failure(FailureKind.Malformed, "is not a snapshot's manifest");
        }

        ReadOnlySpan<byte> content = bytes[..^SnapshotFormat.DigestBytes];
        bool isWhole = SHA256.HashData(content).AsSpan().SequenceEqual(bytes[^SnapshotFormat.DigestBytes..]);
        int version = reader.UInt16();
        if (!isWhole)
        {
            return new Failure(FailureKind.Integrity, "was altered or cut: its bytes do not have the digest at its end");
        }

        if (version != SnapshotFormat.Version)
        {
            return new Failure(FailureKind.Mismatch, string.Create(
                CultureInfo.InvariantCulture,
                $"has format version {version}, and this program reads version {SnapshotFormat.Version}"));
        }

        reader = new FieldReader(content[(SnapshotFormat.ManifestMark.Length + sizeof(ushort))..]);
        int reserved = reader.UInt16();
        RunId run = new(reader.UInt128());
        PlanDigest stored = new(reader.UInt128(), reader.UInt128());
        long storedRound = reader.Int64();
        int metaBytes = reader.Int32();
        byte[] meta = reader.Take(metaBytes <= SnapshotFormat.MetaBytesMax ? metaBytes : -1).ToArray();
        int count = reader.Int32();
        if (reader.IsCut || reserved != 0 || count < 0 || (long)count * PartitionFieldBytes != reader.Left)
        {
            return new Failure(FailureKind.Malformed, "is cut or too long");
        }

        if (stored != plan)
        {
            return new Failure(FailureKind.Mismatch, $"belongs to plan {stored}, and this job's plan is {plan}");
        }

        if (storedRound != round.Value)
        {
            return new Failure(FailureKind.Integrity, $"is the manifest of round {new Round(storedRound)} under another's name");
        }

        List<(Producer Producer, int RecordBytes, byte[] Digest)> partitions = new(count);
        for (int i = 0; i < count; i++)
        {
            Producer producer = new(new StageId(reader.Int32()), new PartitionId(reader.Int32()));
            int length = reader.Int32();
            if ((i > 0 && partitions[i - 1].Producer.CompareTo(producer) >= 0) || length is < 0 or > SnapshotFormat.RecordBytesMax)
            {
                return new Failure(FailureKind.Malformed, "lists partitions out of order, or a record too long");
            }

            partitions.Add((producer, length, reader.Take(SnapshotFormat.DigestBytes).ToArray()));
        }

        return new RunManifest(run, stored, round, meta, partitions);
    }
}
