using System.Buffers.Binary;

namespace Culvert.Stages;

/// <summary>What a sealed piece is bound to: its table, its slot, and whether it is a page or a part of a large value.</summary>
internal readonly record struct StatePieceName(long Table, int Slot, bool IsBlob)
{
    internal const int SizeBytes = 16;

    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, Table);
        BinaryPrimitives.WriteInt32BigEndian(destination[8..], Slot);
        BinaryPrimitives.WriteInt32BigEndian(destination[12..], IsBlob ? 1 : 0);
    }

    /// <summary>For messages.</summary>
    public override string ToString() => $"{(IsBlob ? "large value" : "state page")} in slot {Slot} of table {Table}";
}
