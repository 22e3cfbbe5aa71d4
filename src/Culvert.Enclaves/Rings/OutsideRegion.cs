using Culvert.Stages;

namespace Culvert.Enclaves.Rings;

/// <summary>
/// Slots of sealed state in the memory that an enclave shares with its host, behind the rings. The host reads and rewrites it
/// as it likes: what is read is a copy, and nothing is believed of it before it is authenticated.
/// </summary>
internal sealed unsafe class OutsideRegion(SharedRegion region, long offset, long length) : IOutsideMemory
{
    /// <inheritdoc/>
    public int SlotsMax => (int)Math.Min(length / StateBudget.SlotBytes, int.MaxValue);

    /// <inheritdoc/>
    public void Write(int slot, ReadOnlySpan<byte> content) => content.CopyTo(At(slot, content.Length));

    /// <inheritdoc/>
    public void Read(int slot, Span<byte> destination) => At(slot, destination.Length).CopyTo(destination);

    private Span<byte> At(int slot, int bytes)
    {
        Invariant.Holds((uint)slot < (uint)SlotsMax && bytes <= StateBudget.SlotBytes);
        return new Span<byte>(region.Bytes + offset + ((long)slot * StateBudget.SlotBytes), bytes);
    }
}
