using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Sealing;

namespace Culvert.KeyBroker;

/// <summary>The bytes of a store's file (docs/specs/key-release.md, "Store"): a header, then sealed records in a chain.</summary>
internal static class StoreFormat
{
    internal const int HeaderBytes = 8 + 2 + 2 + OwnerKeyId.SizeBytes + InstanceSalt.SizeBytes + ChainBytes;
    internal const int ChainBytes = 32;

    /// <summary>Length, number, and the sum by which a record that is cut is told from one that was altered.</summary>
    internal const int RecordHeadBytes = sizeof(int) + sizeof(long) + SumBytes;

    internal const int TagBytes = 16;

    /// <summary>Bytes of the longest record's content: totals of as many lineages as a broker has jobs.</summary>
    internal const int ContentBytesMax = 64 << 20;

    private const int SumBytes = 8;
    private const ushort Version = 1;
    private const byte KindTotals = 1;
    private const byte KindManifest = 2;
    private const byte KindRelease = 3;

    private static ReadOnlySpan<byte> Mark => "CULVBRKS"u8;

    internal static byte[] WriteHeader(OwnerKeyId owner, InstanceSalt salt, ReadOnlySpan<byte> previous)
    {
        byte[] header = new byte[HeaderBytes];
        Mark.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), Version);
        owner.ToBytes().CopyTo(header, 12);
        BinaryPrimitives.WriteUInt128BigEndian(header.AsSpan(12 + OwnerKeyId.SizeBytes), salt.Value);
        previous.CopyTo(header.AsSpan(HeaderBytes - ChainBytes));
        return header;
    }

    internal static Outcome<InstanceSalt> ReadHeader(ReadOnlySpan<byte> header, OwnerKeyId owner)
    {
        if (header.Length < HeaderBytes || !header.StartsWith(Mark) || BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != Version || header[10] != 0 || header[11] != 0)
        {
            return new Failure(FailureKind.Malformed, $"byte 0: not the header of a broker's store of version {Version}");
        }

        OwnerKeyId named = OwnerKeyId.FromBytes(header.Slice(12, OwnerKeyId.SizeBytes));
        return named == owner
            ? new InstanceSalt(BinaryPrimitives.ReadUInt128BigEndian(header[(12 + OwnerKeyId.SizeBytes)..]))
            : new Failure(FailureKind.Mismatch, $"byte 12: the store is of the key {named}, and the key {owner} is given");
    }

    /// <summary>What the first record's chain begins with.</summary>
    internal static byte[] ChainOf(ReadOnlySpan<byte> header) => SHA256.HashData([.. "culvert v1 broker store\0"u8, .. header]);

    /// <summary>The chain behind a record.</summary>
    internal static byte[] Next(ReadOnlySpan<byte> chain, ReadOnlySpan<byte> record) => SHA256.HashData([.. chain, .. record]);

    /// <summary>Seals a record. The nonce is its number, which no other record of the file's key has.</summary>
    internal static byte[] Seal(AesGcm cipher, ReadOnlySpan<byte> chain, long number, ReadOnlySpan<byte> content)
    {
        byte[] record = new byte[RecordHeadBytes + content.Length + TagBytes];
        BinaryPrimitives.WriteInt32LittleEndian(record, content.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(sizeof(int)), number);
        Sum(chain, record).CopyTo(record.AsSpan(RecordHeadBytes - SumBytes));
        cipher.Encrypt(Nonce(number), content, record.AsSpan(RecordHeadBytes, content.Length), record.AsSpan(RecordHeadBytes + content.Length), [.. chain, .. record.AsSpan(0, RecordHeadBytes)]);
        return record;
    }

    /// <summary>The length of a record's content, if its head is one of this place; null where head, number or sum are another's.</summary>
    internal static int? ReadHead(ReadOnlySpan<byte> head, ReadOnlySpan<byte> chain, long number)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(head);
        return length is >= 0 and <= ContentBytesMax
            && BinaryPrimitives.ReadInt64LittleEndian(head[sizeof(int)..]) == number
            && Sum(chain, head).SequenceEqual(head.Slice(RecordHeadBytes - SumBytes, SumBytes))
            ? length
            : null;
    }

    /// <summary>The content of a whole record; null when it does not open.</summary>
    internal static byte[]? Open(AesGcm cipher, ReadOnlySpan<byte> chain, long number, ReadOnlySpan<byte> record)
    {
        byte[] content = new byte[record.Length - RecordHeadBytes - TagBytes];
        try
        {
            cipher.Decrypt(Nonce(number), record.Slice(RecordHeadBytes, content.Length), record[^TagBytes..], content, [.. chain, .. record[..RecordHeadBytes]]);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    internal static byte[] Write(ReleaseTotals totals)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Byte(KindTotals);
        writer.Int32(totals.Lineages.Count());
        foreach ((UInt128 lineage, LineageTotals of) in totals.Lineages)
        {
            writer.UInt128(lineage);
            writer.Int32(of.Version);
            writer.Part(of.Digest.AsSpan());
            writer.Int64(of.Releases);
            writer.Int32(of.Activations.Count);
            foreach ((StageId stage, int count) in of.Activations)
            {
                writer.Int32(stage.Value);
                writer.Int32(count);
            }
        }

        return writer.WrittenSpan.ToArray();
    }

    internal static byte[] Write(ReleaseRecord record)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Byte(record is ManifestTaken ? KindManifest : KindRelease);
        writer.Int64(record.At.UtcTicks);
        writer.UInt128(record.Lineage);
        writer.Int32(record.Version);
        switch (record)
        {
            case ManifestTaken taken:
                writer.Part(taken.Digest.AsSpan());
                break;
            case KeysReleased released:
                writer.UInt128(released.Run.Value);
                writer.Part(released.NonceDigest.AsSpan());
                writer.Int32(released.Stages.Length);
                foreach (StageId stage in released.Stages)
                {
                    writer.Int32(stage.Value);
                }

                break;
            default:
                throw new ArgumentException($"no such record: {record.GetType().Name}", nameof(record));
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Adds what a record's content says; false when it is none. It was authentic, so that is a fault of Culvert's.</summary>
    internal static bool TryAdd(ReleaseTotals totals, ReadOnlySpan<byte> content)
    {
        FieldReader reader = new(content);
        switch (reader.Byte())
        {
            case KindTotals:
                ReadTotals(ref reader, totals);
                break;
            case KindManifest:
                totals.Add(new ManifestTaken { At = Time(ref reader), Lineage = reader.UInt128(), Version = reader.Int32(), Digest = [.. reader.Part(ReleaseBinding.DigestBytes)] });
                break;
            case KindRelease:
                totals.Add(new KeysReleased
                {
                    At = Time(ref reader),
                    Lineage = reader.UInt128(),
                    Version = reader.Int32(),
                    Run = new RunId(reader.UInt128()),
                    NonceDigest = [.. reader.Part(ReleaseBinding.DigestBytes)],
                    Stages = ReadStages(ref reader),
                });
                break;
            default:
                return false;
        }

        return !reader.IsCut && reader.Left == 0;
    }

    private static void ReadTotals(ref FieldReader reader, ReleaseTotals totals)
    {
        int lineages = reader.Int32();
        for (int i = 0; i < lineages && !reader.IsCut; i++)
        {
            UInt128 lineage = reader.UInt128();
            int version = reader.Int32();
            ImmutableArray<byte> digest = [.. reader.Part(ReleaseBinding.DigestBytes)];
            long releases = reader.Int64();
            int stages = reader.Int32();
            ImmutableSortedDictionary<StageId, int>.Builder counts = ImmutableSortedDictionary.CreateBuilder<StageId, int>();
            for (int s = 0; s < stages && !reader.IsCut; s++)
            {
                StageId stage = new(reader.Int32());
                counts[stage] = reader.Int32();
            }

            totals.Set(lineage, new LineageTotals(version, digest, counts.ToImmutable(), releases));
        }
    }

    private static ImmutableArray<StageId> ReadStages(ref FieldReader reader)
    {
        int count = reader.Int32();
        ImmutableArray<StageId>.Builder stages = ImmutableArray.CreateBuilder<StageId>();
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            stages.Add(new StageId(reader.Int32()));
        }

        return stages.ToImmutable();
    }

    private static DateTimeOffset Time(ref FieldReader reader) =>
        reader.Int64() is var ticks && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;

    private static byte[] Nonce(long number)
    {
        byte[] nonce = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(4), number);
        return nonce;
    }

    private static ReadOnlySpan<byte> Sum(ReadOnlySpan<byte> chain, ReadOnlySpan<byte> head) =>
        SHA256.HashData([.. chain, .. head[..(RecordHeadBytes - SumBytes)]]).AsSpan(0, SumBytes);
}
