using System.Buffers;
using System.Collections.Immutable;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>A statement's canonical bytes (docs/specs/proof.md, "Statement"). There is one way to write each statement.</summary>
internal static class ResultStatementCodec
{
    /// <summary>Bytes of the longest statement: inputs of 48 bytes, names of open stages, parts of 8.</summary>
    internal const int BytesMax = 1024 * 1024;

    private const int NameBytesMax = 1024;
    private const int DigestBytes = 32;

    private static ReadOnlySpan<byte> Label => "culvert v1 result statement\0"u8;

    internal static byte[] Write(ResultStatement statement)
    {
        ArrayBufferWriter<byte> writer = new(2048);
        writer.Write(Label);
        writer.UInt128(statement.Run.Value);
        writer.Write(statement.Plan.ToBytes());
        WriteDigest(writer, statement.Manifest);
        writer.Int32(statement.Epoch.Value);
        writer.Int32(statement.Result);
        writer.Int32(statement.Stage.Value);
        writer.Int32(statement.Partition.Value);
        writer.Int32(statement.Parts.Length);
        foreach (ResultPart part in statement.Parts)
        {
            writer.Int32(part.Stage.Value);
            writer.Int32(part.Partitions);
        }

        WriteDigest(writer, statement.Columns);
        WriteDigest(writer, statement.Salt);
        statement.Digest.Write(writer);
        writer.Byte(statement.IsComplete ? (byte)1 : (byte)0);
        writer.Int32(statement.Inputs.Length);
        foreach (SealedInput input in statement.Inputs)
        {
            writer.UInt128(input.Stream.Value);
            writer.Write(input.Digest.ToBytes());
        }

        WriteNames(writer, statement.OpenBefore);
        WriteNames(writer, statement.OpenBehind);
        WriteStrand(writer, statement.Strand);

        // What its own reader refuses is a mistake of the caller's.
        return Read(writer.WrittenSpan) is { Failure: { } failure }
            ? throw new ArgumentException(failure.Message, nameof(statement))
            : writer.WrittenSpan.ToArray();
    }

    internal static Outcome<ResultStatement> Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BytesMax || !bytes.StartsWith(Label))
        {
            return Refused($"it does not begin as one of this version does, or has over {BytesMax} bytes");
        }

        FieldReader reader = new(bytes[Label.Length..]);
        RunId run = new(reader.UInt128());
        ReadOnlySpan<byte> plan = reader.Take(PlanDigest.SizeBytes);
        ImmutableArray<byte> manifest = ReadDigest(ref reader);
        int epoch = reader.Int32();
        int result = reader.Int32();
        int stage = reader.Int32();
        int partition = reader.Int32();
        ImmutableArray<ResultPart> parts = ReadParts(ref reader);
        ImmutableArray<byte> columns = ReadDigest(ref reader);
        ImmutableArray<byte> salt = ReadDigest(ref reader);
        Outcome<ResultDigest> digest = ResultDigest.Read(reader.Take(ResultDigest.SizeBytes));
        byte complete = reader.Byte();
        ImmutableArray<SealedInput> inputs = ReadInputs(ref reader);
        ImmutableArray<string> before = ReadNames(ref reader);
        ImmutableArray<string> behind = ReadNames(ref reader);
        ResultStrand? strand = ReadStrand(ref reader);
        if (reader.IsCut || reader.Left > 0 || digest.Failure is not null || complete > 1)
        {
            return Refused("it is cut, too long, or a field is none");
        }

        if (epoch < 0 || result < 0 || !parts.Any(p => p.Stage.Value == stage && partition >= 0 && partition < p.Partitions))
        {
            return Refused("its partition is none of those that make the result");
        }

        return new ResultStatement
        {
            Run = run,
            Plan = PlanDigest.FromBytes(plan),
            Manifest = manifest,
            Epoch = new KeyEpoch(epoch),
            Result = result,
            Stage = new StageId(stage),
            Partition = new PartitionId(partition),
            Parts = parts,
            Columns = columns,
            Salt = salt,
            Digest = digest.Value,
            IsComplete = complete == 1,
            Inputs = inputs,
            OpenBefore = before,
            OpenBehind = behind,
            Strand = strand,
        };
    }

    private static void WriteDigest(IBufferWriter<byte> writer, ImmutableArray<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, DigestBytes);
        writer.Write(digest.AsSpan());
    }

    private static ImmutableArray<byte> ReadDigest(ref FieldReader reader) => [.. reader.Take(DigestBytes)];

    private static void WriteNames(IBufferWriter<byte> writer, ImmutableArray<string> names)
    {
        writer.Int32(names.Length);
        foreach (string name in names)
        {
            writer.Text(name);
        }
    }

    private static ImmutableArray<string> ReadNames(ref FieldReader reader)
    {
        int count = ReadCount(ref reader, ResultStatement.OpenStagesMax);
        ImmutableArray<string>.Builder names = ImmutableArray.CreateBuilder<string>();
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            names.Add(reader.Text(NameBytesMax));
        }

        return names.ToImmutable();
    }

    private static ImmutableArray<ResultPart> ReadParts(ref FieldReader reader)
    {
        int count = ReadCount(ref reader, ResultStatement.PartsMax);
        ImmutableArray<ResultPart>.Builder parts = ImmutableArray.CreateBuilder<ResultPart>();
        int last = -1;
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            ResultPart part = new(new StageId(reader.Int32()), reader.Int32());
            if (part.Stage.Value <= last || part.Partitions is < 1 or > ResultStatement.PartsMax)
            {
                reader.Take(-1);
            }

            last = part.Stage.Value;
            parts.Add(part);
        }

        return parts.ToImmutable();
    }

    private static ImmutableArray<SealedInput> ReadInputs(ref FieldReader reader)
    {
        int count = ReadCount(ref reader, ResultStatement.InputsMax);
        ImmutableArray<SealedInput>.Builder inputs = ImmutableArray.CreateBuilder<SealedInput>();
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            StreamId stream = new(reader.UInt128());
            ReadOnlySpan<byte> digest = reader.Take(EndDigest.SizeBytes);
            if (reader.IsCut || (i > 0 && stream.Value <= inputs[^1].Stream.Value))
            {
                reader.Take(-1); // in one order, and no stream twice
                break;
            }

            inputs.Add(new SealedInput(stream, EndDigest.FromBytes(digest)));
        }

        return inputs.ToImmutable();
    }

    private static void WriteStrand(IBufferWriter<byte> writer, ResultStrand? strand)
    {
        writer.Byte(strand is null ? (byte)0 : (byte)1);
        if (strand is not null)
        {
            writer.UInt128(strand.Stream.Value);
            writer.UInt128(strand.HeaderTag);
            writer.Int32(strand.Strand);
            writer.Int32(strand.Strands);
            writer.Int64(strand.Groups);
            writer.UInt128(strand.EndTag);
        }
    }

    private static ResultStrand? ReadStrand(ref FieldReader reader)
    {
        byte present = reader.Byte();
        if (present == 0)
        {
            return null;
        }

        ResultStrand strand = new(new StreamId(reader.UInt128()), reader.UInt128(), reader.Int32(), reader.Int32(), reader.Int64(), reader.UInt128());
        if (present > 1 || strand.Strands is < 1 or > SealedFileLimits.StrandsMax || strand.Strand < 0 || strand.Strand >= strand.Strands || strand.Groups < 0)
        {
            reader.Take(-1);
        }

        return strand;
    }

    /// <summary>How many follow; more than may be, and the rest counts as cut.</summary>
    private static int ReadCount(ref FieldReader reader, int max)
    {
        int count = reader.Int32();
        if (count >= 0 && count <= max)
        {
            return count;
        }

        reader.Take(-1);
        return 0;
    }

    private static Failure Refused(string why) => new(FailureKind.Malformed, $"a statement of the result cannot be read: {why}");
}
