using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace Culvert.Stages;

/// <summary>
/// How a step's state is written beside its tables: completed round, finished flag, watermarks, then in length-prefixed
/// parts the timestamp vector, the outputs' sequence numbers and each operator's cells. All integers little-endian.
/// </summary>
internal static class StepState
{
    private const byte FormatVersion = 1;

    internal readonly record struct Header(Round Completed, bool Finished, Watermark Watermark, ImmutableArray<Watermark> Channels, int Length);

    internal static FrozenPartition Freeze(
        PartitionStep step, TimestampVector vector, RoundMerge<Frame> merge, Operator[] operators, EdgeOutput[] outputs, Watermark[] watermarks)
    {
        ByteBuffer meta = new();
        meta.Append(1)[0] = FormatVersion;
        meta.Append(1)[0] = step.IsFinished ? (byte)1 : (byte)0;
        WriteLong(meta, step.CompletedRound.Value);
        WriteLong(meta, merge.Watermark.Ticks);
        int channels = vector.Channels.Length;
        BinaryPrimitives.WriteInt32LittleEndian(meta.Append(sizeof(int)), channels);
        for (int i = 0; i < channels; i++)
        {
            WriteLong(meta, merge.ChannelWatermark(i).Ticks);
        }

        int[] held = [.. Enumerable.Range(0, channels).Select(merge.HeldOf)];
        TimestampVector complete = vector.Behind(step.CompletedRound, held);
        WritePart(meta, part => complete.Write(part.Append(complete.SizeBytes)));
        foreach (Watermark watermark in watermarks)
        {
            WriteLong(meta, watermark.Ticks);
        }

        foreach (EdgeOutput output in outputs)
        {
            WritePart(meta, output.Save);
        }

        List<(string, StateVersion)> tables = [];
        for (int i = 0; i < operators.Length; i++)
        {
            WritePart(meta, operators[i].Save);
            foreach ((string name, StateTable table) in operators[i].Tables)
            {
                tables.Add((string.Create(CultureInfo.InvariantCulture, $"{i}.{name}"), table.Freeze()));
            }
        }

        return new FrozenPartition(step.Producer, step.CompletedRound, meta.Span.ToArray(), tables);
    }

    internal static Header ReadHeader(ReadOnlySpan<byte> meta)
    {
        if (meta[0] != FormatVersion)
        {
            throw new StageFailedException($"the snapshot's partitions are of version {meta[0]}; this Culvert reads version {FormatVersion}");
        }

        int channels = BinaryPrimitives.ReadInt32LittleEndian(meta[18..]);
        ImmutableArray<Watermark>.Builder watermarks = ImmutableArray.CreateBuilder<Watermark>(channels);
        for (int i = 0; i < channels; i++)
        {
            watermarks.Add(new Watermark(ReadLong(meta, 22 + (i * sizeof(long)))));
        }

        return new Header(
            new Round(ReadLong(meta, 2)), meta[1] == 1, new Watermark(ReadLong(meta, 10)), watermarks.ToImmutable(), 22 + (channels * sizeof(long)));
    }

    internal static void Restore(
        PartitionState state, TimestampVector vector, Operator[] operators, EdgeOutput[] outputs, Watermark[] watermarks)
    {
        ReadOnlySpan<byte> meta = state.Meta.Span;
        Header header = ReadHeader(meta);
        ReadOnlySpan<byte> rest = meta[header.Length..];
        Outcome<bool> read = vector.Read(TakePart(ref rest));
        if (!read.Succeeded)
        {
            throw new StageFailedException($"the snapshot does not fit the plan: {read.Failure.Message}");
        }

        for (int i = 0; i < watermarks.Length; i++)
        {
            watermarks[i] = new Watermark(ReadLong(rest, 0));
            rest = rest[sizeof(long)..];
        }

        foreach (EdgeOutput output in outputs)
        {
            output.Restore(TakePart(ref rest), header.Completed);
        }

        foreach ((string name, StateTable table) in state.Tables)
        {
            int dot = name.IndexOf('.', StringComparison.Ordinal);
            int op = int.Parse(name.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture);
            operators[op].Adopt(name[(dot + 1)..], table);
        }

        foreach (Operator op in operators)
        {
            ReadOnlySpan<byte> cells = TakePart(ref rest);
            if (!cells.IsEmpty)
            {
                op.Restore(cells);
            }
        }
    }

    private static void WritePart(ByteBuffer meta, Action<ByteBuffer> write)
    {
        ByteBuffer part = new();
        write(part);
        BinaryPrimitives.WriteInt32LittleEndian(meta.Append(sizeof(int)), part.Length);
        meta.Append(part.Span);
    }

    private static ReadOnlySpan<byte> TakePart(scoped ref ReadOnlySpan<byte> rest)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        ReadOnlySpan<byte> part = rest.Slice(sizeof(int), length);
        rest = rest[(sizeof(int) + length)..];
        return part;
    }

    private static void WriteLong(ByteBuffer buffer, long value) =>
        BinaryPrimitives.WriteInt64LittleEndian(buffer.Append(sizeof(long)), value);

    private static long ReadLong(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);
}
