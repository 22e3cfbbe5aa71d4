namespace Culvert.Stages;

/// <summary>
/// The port to memory outside a trusted place, in slots of <see cref="StateBudget.SlotBytes"/>. Whoever owns it reads and
/// rewrites it at any moment, so only sealed bytes are written, and what is read is believed after authentication only.
/// Different slots may be written and read by different threads at the same time; one slot never is.
/// </summary>
public interface IOutsideMemory
{
    /// <summary>Slots there are at most, numbered from 0. Low numbers are used first. Asked for once, when a budget is made.</summary>
    int SlotsMax { get; }

    /// <summary>Copies sealed bytes, up to <see cref="StateBudget.SlotBytes"/>, to the beginning of a slot.</summary>
    void Write(int slot, ReadOnlySpan<byte> content);

    /// <summary>Fills <paramref name="destination"/> from the beginning of a slot, with whatever is there now.</summary>
    void Read(int slot, Span<byte> destination);
}
