using System.Buffers.Binary;

namespace Culvert.Engine;

/// <summary>What a snapshot says of the run as a whole: the identities of its sources, by stage, each behind its length.</summary>
internal static class RunMeta
{
    internal static byte[] Write(IEnumerable<ReadOnlyMemory<byte>> identities)
    {
        using MemoryStream stream = new();
        foreach (ReadOnlyMemory<byte> identity in identities)
        {
            WritePart(stream, identity.Span);
        }

        return stream.ToArray();
    }

    internal static List<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> meta)
    {
        List<ReadOnlyMemory<byte>> parts = [];
        while (!meta.IsEmpty)
        {
            parts.Add(TakePart(ref meta));
        }

        return parts;
    }

    /// <summary>A partition's part of a snapshot: the source's position and the step's state.</summary>
    internal static byte[] WritePartition(ReadOnlyMemory<byte> position, ReadOnlyMemory<byte> step)
    {
        using MemoryStream stream = new();
        WritePart(stream, position.Span);
        stream.Write(step.Span);
        return stream.ToArray();
    }

    internal static (ReadOnlyMemory<byte> Position, ReadOnlyMemory<byte> Step) ReadPartition(ReadOnlyMemory<byte> meta)
    {
        ReadOnlyMemory<byte> position = TakePart(ref meta);
        return (position, meta);
    }

    private static void WritePart(MemoryStream stream, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        stream.Write(length);
        stream.Write(part);
    }

    private static ReadOnlyMemory<byte> TakePart(ref ReadOnlyMemory<byte> meta)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(meta.Span);
        ReadOnlyMemory<byte> part = meta.Slice(sizeof(int), length);
        meta = meta[(sizeof(int) + length)..];
        return part;
    }
}
