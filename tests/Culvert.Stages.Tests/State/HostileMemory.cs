namespace Culvert.Stages.Tests;

/// <summary>Memory outside whose owner keeps every older content of every slot, and can do with it what a host can.</summary>
internal sealed class HostileMemory(int slotsMax = 1 << 16) : IOutsideMemory
{
    private readonly Dictionary<int, List<byte[]>> _history = [];

    public int SlotsMax => slotsMax;

    /// <summary>Keep older contents; costs memory.</summary>
    internal bool Remembers { get; init; }

    /// <summary>Slots that were ever written.</summary>
    internal IReadOnlyList<int> Slots
    {
        get
        {
            lock (_history)
            {
                return [.. _history.Keys.Order()];
            }
        }
    }

    /// <summary>Called when a slot is read, with what is about to be given back, and may change it.</summary>
    internal Action<int, byte[]>? OnRead { get; set; }

    public void Write(int slot, ReadOnlySpan<byte> content)
    {
        Assert.InRange(slot, 0, slotsMax - 1);
        Assert.InRange(content.Length, 17, StateBudget.SlotBytes);
        lock (_history)
        {
            if (!_history.TryGetValue(slot, out List<byte[]>? contents))
            {
                _history[slot] = contents = [];
            }

            if (!Remembers && contents.Count > 0 && contents[0].Length == content.Length)
            {
                content.CopyTo(contents[0]);
                return;
            }

            if (!Remembers)
            {
                contents.Clear();
            }

            contents.Add(content.ToArray());
        }
    }

    public void Read(int slot, Span<byte> destination)
    {
        byte[] content;
        lock (_history)
        {
            content = _history[slot][^1];
        }

        if (OnRead is { } hook)
        {
            content = [.. content];
            hook(slot, content);
        }

        content.AsSpan(0, destination.Length).CopyTo(destination);
    }

    /// <summary>What a slot holds now, to be altered in place.</summary>
    internal byte[] Content(int slot) => _history[slot][^1];

    /// <summary>What a slot held before its last write; null when it was written once.</summary>
    internal byte[]? Older(int slot) => _history[slot].Count > 1 ? _history[slot][^2] : null;
}
