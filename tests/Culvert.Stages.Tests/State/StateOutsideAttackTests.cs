namespace Culvert.Stages.Tests;

/// <summary>What a host can do to pages outside; each ends in an integrity error that names the page, and never in wrong data.</summary>
public sealed class StateOutsideAttackTests
{
    private const ulong Keys = 20_000;

    [Fact]
    public void One_flipped_bit_at_any_byte_of_a_page_is_refused()
    {
        HostileMemory outside = new();
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using StateTable table = StateBudgetTests.Filled(budget, Keys);
        (ulong key, int slot) = SomeKeyOutside(table, outside);
        byte[] content = outside.Content(slot);
        for (int at = 0; at < content.Length; at++)
        {
            content[at] ^= (byte)(1 << (at % 8));
            StateIntegrityException refused = Assert.Throws<StateIntegrityException>(() => StateBudgetTests.Read(table, key));
            Assert.Contains($"state page in slot {slot} of table 1", refused.Message, StringComparison.Ordinal);
            content[at] ^= (byte)(1 << (at % 8));
        }

        Assert.Equal(key, StateBudgetTests.Read(table, key));
    }

    [Fact]
    public void An_older_content_of_a_slot_is_refused()
    {
        HostileMemory outside = new() { Remembers = true };
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using StateTable table = StateBudgetTests.Filled(budget, Keys);
        int refused = 0;
        outside.OnRead = (slot, content) => outside.Older(slot)?.CopyTo(content, 0);
        for (ulong key = 0; key < Keys; key++)
        {
            try
            {
                Assert.Equal(key, StateBudgetTests.Read(table, key));
            }
            catch (StateIntegrityException)
            {
                refused++;
            }
        }

        Assert.True(refused > (int)Keys / 2, $"{refused} refused");
    }

    [Fact]
    public void Two_slots_exchanged_are_refused_both()
    {
        HostileMemory outside = new();
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using StateTable table = StateBudgetTests.Filled(budget, Keys);
        (ulong first, int firstSlot) = SomeKeyOutside(table, outside);
        (ulong second, int secondSlot) = SomeKeyOutside(table, outside, other: firstSlot);
        outside.OnRead = (slot, content) =>
        {
            int source = slot == firstSlot ? secondSlot : slot == secondSlot ? firstSlot : slot;
            outside.Content(source).CopyTo(content, 0);
        };
        Assert.Throws<StateIntegrityException>(() => StateBudgetTests.Read(table, first));
        Assert.Throws<StateIntegrityException>(() => StateBudgetTests.Read(table, second));
    }

    [Fact]
    public void A_large_value_that_was_altered_is_refused()
    {
        HostileMemory outside = new();
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using StateTable table = new(8, 0, budget);
        byte[] key = StateBudgetTests.Key(1);
        byte[] value = [.. Enumerable.Range(0, 40_000).Select(i => (byte)i)];
        table.Set(key, StateHash.Of(key), value);
        Assert.True(table.TryGet(key, StateHash.Of(key), out ReadOnlySpan<byte> read));
        Assert.True(read.SequenceEqual(value));
        Assert.Equal(3, outside.Slots.Count);
        foreach (int slot in outside.Slots)
        {
            outside.Content(slot)[5] ^= 1;
            StateIntegrityException refused = Assert.Throws<StateIntegrityException>(() => table.TryGet(key, StateHash.Of(key), out _));
            Assert.Contains($"large value in slot {slot}", refused.Message, StringComparison.Ordinal);
            outside.Content(slot)[5] ^= 1;
        }
    }

    [Fact]
    public void A_version_refuses_an_altered_page_as_the_table_does()
    {
        HostileMemory outside = new();
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using StateTable table = StateBudgetTests.Filled(budget, Keys);
        using StateVersion version = table.Freeze();
        outside.OnRead = (_, content) => content[^1] ^= 0x80;
        Assert.Throws<StateIntegrityException>(() =>
        {
            foreach (StateEntry entry in version)
            {
                Assert.Equal(8, entry.Key.Length);
            }
        });
    }

    [Fact]
    public void Bytes_that_a_thread_rewrites_while_they_are_read_give_right_values_or_a_refusal()
    {
        RacingMemory outside = new(512);
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using StateTable table = StateBudgetTests.Filled(budget, Keys);
        using CancellationTokenSource stop = new();
        Thread rewriting = new(() => outside.Rewrite(stop.Token));
        rewriting.Start();
        int refused = 0;
        int right = 0;
        for (int sweep = 0; sweep < 400 && (refused == 0 || right == 0 || sweep < 5); sweep++)
        {
            for (ulong key = 0; key < Keys; key++)
            {
                try
                {
                    Assert.Equal(key, StateBudgetTests.Read(table, key));
                    right++;
                }
                catch (StateIntegrityException)
                {
                    refused++;
                    // A page that is refused stays outside, so the next key of it would be refused as well.
                    key += 50;
                }
            }
        }

        stop.Cancel();
        rewriting.Join();
        Assert.True(refused > 0 && right > 0, $"{refused} refused, {right} right");
    }

    [Fact]
    public void What_lies_outside_shows_neither_keys_nor_values()
    {
        HostileMemory outside = new();
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using StateTable table = new(16, 16, budget);
        byte[] marker = "a key in clear.."u8.ToArray();
        for (int i = 0; i < 60_000; i++)
        {
            byte[] key = [.. marker];
            BitConverter.TryWriteBytes(key.AsSpan(12), i);
            marker.CopyTo(table.GetOrAdd(key, StateHash.Of(key), out _));
        }

        Assert.True(outside.Slots.Count > 50);
        Assert.All(outside.Slots, slot => Assert.True(outside.Content(slot).AsSpan().IndexOf("key in clear"u8) < 0));
    }

    [Fact]
    public void Equal_pages_never_leave_as_equal_bytes()
    {
        HostileMemory outside = new() { Remembers = true };
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using StateTable first = StateBudgetTests.Filled(budget, Keys);
        using StateTable second = StateBudgetTests.Filled(budget, Keys);
        string[] contents = [.. outside.Slots.Select(slot => Convert.ToHexString(outside.Content(slot).AsSpan(0, 64)))];
        Assert.Equal(contents.Length, contents.Distinct().Count());
    }

    /// <summary>A key whose page lies outside, and the slot where: known by what is read for it. The page is outside again afterwards.</summary>
    private static (ulong Key, int Slot) SomeKeyOutside(StateTable table, HostileMemory outside, int other = -1)
    {
        Action<int, byte[]>? before = outside.OnRead;
        (ulong Key, int Slot)? found = null;
        for (ulong key = 0; key < Keys && found is null; key++)
        {
            int seen = -1;
            outside.OnRead = (slot, content) =>
            {
                seen = slot;
                content[0] ^= 1; // refused, hence still outside
            };
            try
            {
                StateBudgetTests.Read(table, key);
            }
            catch (StateIntegrityException)
            {
                found = seen == other ? null : (key, seen);
            }
        }

        outside.OnRead = before;
        return found!.Value;
    }

    /// <summary>Shared memory as a host has it: plain bytes that it rewrites while they are read.</summary>
    private sealed class RacingMemory(int slots) : IOutsideMemory
    {
        private readonly byte[] _bytes = new byte[slots * StateBudget.SlotBytes];

        public int SlotsMax => slots;

        public void Write(int slot, ReadOnlySpan<byte> content) => content.CopyTo(_bytes.AsSpan(slot * StateBudget.SlotBytes));

        public void Read(int slot, Span<byte> destination) =>
            _bytes.AsSpan(slot * StateBudget.SlotBytes, destination.Length).CopyTo(destination);

        /// <summary>Flips a byte and flips it back, all over, until told to stop.</summary>
        internal void Rewrite(CancellationToken stop)
        {
            Random random = new(3);
            while (!stop.IsCancellationRequested)
            {
                int at = random.Next(_bytes.Length);
                Volatile.Write(ref _bytes[at], (byte)(Volatile.Read(ref _bytes[at]) ^ 1));
                Thread.SpinWait(random.Next(2_000));
                Volatile.Write(ref _bytes[at], (byte)(Volatile.Read(ref _bytes[at]) ^ 1));
            }
        }
    }
}
