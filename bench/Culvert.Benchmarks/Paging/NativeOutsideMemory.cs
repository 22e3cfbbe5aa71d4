using System.Runtime.InteropServices;
using Culvert.Stages;

namespace Culvert.Benchmarks.Paging;

/// <summary>Slots in native memory of this process, which a host would share with an enclave.</summary>
internal sealed unsafe class NativeOutsideMemory : IOutsideMemory, IDisposable
{
    private readonly byte* _bytes;

    internal NativeOutsideMemory(int slots)
    {
        SlotsMax = slots;
        _bytes = (byte*)NativeMemory.AllocZeroed((nuint)slots * StateBudget.SlotBytes);
    }

    /// <inheritdoc/>
    public int SlotsMax { get; }

    /// <inheritdoc/>
    public void Write(int slot, ReadOnlySpan<byte> content) => content.CopyTo(Slot(slot));

    /// <inheritdoc/>
    public void Read(int slot, Span<byte> destination) => Slot(slot)[..destination.Length].CopyTo(destination);

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_bytes);

    private Span<byte> Slot(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)SlotsMax);
        return new Span<byte>(_bytes + ((long)slot * StateBudget.SlotBytes), StateBudget.SlotBytes);
    }
}
