using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Culvert.Sealing;

/// <summary>Whether a sealed file holds an owner's data or a job's result.</summary>
public enum SealedFileKind : byte
{
    /// <summary>Rows that an owner sealed.</summary>
    Data = 1,

    /// <summary>Rows that a job's sink sealed.</summary>
    Result = 2,
}

/// <summary>What only key holders read in a file's header.</summary>
/// <param name="Kind">What the file holds.</param>
/// <param name="Description">The source's name, or the job's.</param>
/// <param name="ColumnNames">The columns' names, in order; none twice; 1 to <see cref="SealedFileLimits.ColumnsMax"/>.</param>
/// <param name="Schema">The columns' types, as the room that encodes columns writes them.</param>
public sealed record SealedFileContents(SealedFileKind Kind, string Description, ImmutableArray<string> ColumnNames, ReadOnlyMemory<byte> Schema)
{
    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)Kind);
        byte[] description = Encoding.UTF8.GetBytes(Description);
        writer.Int32(description.Length);
        writer.Write(description);
        foreach (string name in ColumnNames)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, SealedFileLimits.NameBytesMax);
            writer.UInt16((ushort)bytes.Length);
            writer.Write(bytes);
        }

        writer.Int32(Schema.Length);
        writer.Write(Schema.Span);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null for anything else.</summary>
    internal static SealedFileContents? Read(ReadOnlySpan<byte> source, int columns)
    {
        WireReader reader = new(source);
        if (!reader.TryByte(out byte kind) || kind is not ((byte)SealedFileKind.Data or (byte)SealedFileKind.Result)
            || !reader.TryInt32(out int length) || !reader.TryText(length, out string description))
        {
            return null;
        }

        ImmutableArray<string>.Builder names = ImmutableArray.CreateBuilder<string>(columns);
        HashSet<string> seen = new(columns, StringComparer.Ordinal);
        for (int i = 0; i < columns; i++)
        {
            if (!reader.TryUInt16(out ushort bytes) || !reader.TryText(bytes, out string name) || !seen.Add(name))
            {
                return null;
            }

            names.Add(name);
        }

        return reader.TryInt32(out int schemaLength) && reader.TryTake(schemaLength, out ReadOnlySpan<byte> schema) && reader.Left == 0
            ? new SealedFileContents((SealedFileKind)kind, description, names.MoveToImmutable(), schema.ToArray())
            : null;
    }
}
