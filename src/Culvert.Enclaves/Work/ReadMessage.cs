using System.Buffers;
using System.Collections.Immutable;

namespace Culvert.Enclaves;

/// <summary>What a worker asks its host for. Everything that comes back is authenticated by who asked.</summary>
public enum ReadSubject : byte
{
    /// <summary>The length of a snapshot's blob: 8 bytes, or none when there is no such blob.</summary>
    BlobLength = 1,

    /// <summary>A snapshot's blob.</summary>
    Blob = 2,

    /// <summary>A sealed input's header.</summary>
    Header = 3,

    /// <summary>The end block of a strand of a sealed input.</summary>
    End = 4,

    /// <summary>A row group of a strand: block header, directory, and the columns asked for, each behind its length.</summary>
    Group = 5,
}

/// <summary>A question to the host; its answer is a <see cref="MessageKind.Block"/> with the same number.</summary>
/// <param name="Number">Counted up from 1 by the worker.</param>
/// <param name="Subject">What is asked for.</param>
/// <param name="Name">Of a blob.</param>
/// <param name="Stage">The source stage whose input is meant.</param>
/// <param name="File">Which of its files.</param>
/// <param name="Strand">Which strand of it.</param>
/// <param name="Group">Which row group of that.</param>
/// <param name="Columns">Which columns of that.</param>
public sealed record ReadMessage(
    long Number, ReadSubject Subject, string Name, StageId Stage, int File, int Strand, long Group, ImmutableArray<int> Columns)
{
    internal static ReadMessage OfBlob(long number, ReadSubject subject, string name) => new(number, subject, name, default, 0, 0, 0, []);

    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Read);
        writer.Int64(Number);
        writer.Byte((byte)Subject);
        writer.Text(Name);
        writer.Int32(Stage.Value);
        writer.Int32(File);
        writer.Int32(Strand);
        writer.Int64(Group);
        writer.Int32(Columns.Length);
        foreach (int column in Columns)
        {
            writer.Int32(column);
        }
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<ReadMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        long number = reader.Int64();
        ReadSubject subject = (ReadSubject)reader.Byte();
        string name = reader.Text(MessageLimits.TextBytesMax);
        StageId stage = new(reader.Int32());
        int file = reader.Int32();
        int strand = reader.Int32();
        long group = reader.Int64();
        int count = reader.Int32();
        if (reader.IsCut || !Enum.IsDefined(subject) || count is < 0 or > MessageLimits.ColumnsMax || (stage.Value | file | strand) < 0 || group < 0)
        {
            return MessageCheck.Refuse(MessageKind.Read);
        }

        ImmutableArray<int>.Builder columns = ImmutableArray.CreateBuilder<int>(count);
        for (int i = 0; i < count; i++)
        {
            columns.Add(reader.Int32());
        }

        return MessageCheck.Whole(
            reader, new ReadMessage(number, subject, name, stage, file, strand, group, columns.ToImmutable()), MessageKind.Read);
    }

    /// <summary>The head of an answer, behind which the bytes follow; <paramref name="found"/> is false when there is no such thing.</summary>
    public static void WriteAnswer(IBufferWriter<byte> writer, long number, bool found)
    {
        writer.Byte((byte)MessageKind.Block);
        writer.Int64(number);
        writer.Byte(found ? (byte)1 : (byte)0);
    }
}
