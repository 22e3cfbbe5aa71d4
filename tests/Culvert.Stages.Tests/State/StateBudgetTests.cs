using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Culvert.Stages.Tests;

public sealed class StateBudgetTests
{
    [Theory]
    [InlineData(1, 8, 16)]
    [InlineData(2, 0, 0)]
    [InlineData(3, 0, 4)]
    [InlineData(4, 8, 0)]
    [InlineData(5, 100, 2000)]
    [InlineData(6, 8, 8)]
    public void State_many_times_the_budget_agrees_with_a_dictionary_and_stays_within_it(int seed, int keySize, int valueSize)
    {
        // Twenty times the budget or so for large values of fixed size, which make the most pages.
        using StateBudget budget = new(valueSize > 1_000 ? 4 << 20 : StateBudget.BytesMin, new HostileMemory(), new SeededEntropy(seed));
        StateTable table = new(keySize, valueSize, budget);
        long largest = 0;
        Dictionary<string, byte[]> model = [];
        List<(StateVersion Version, Dictionary<string, byte[]> Model)> versions = [];
        Random random = new(seed);
        for (int step = 0; step < 60_000; step++)
        {
            byte[] key = RandomKey(random, keySize, random.Next(3) == 0 ? 1_000 : 40_000);
            Operate(random, table, model, key, $"seed {seed}, step {step}");
            largest = Math.Max(largest, table.SizeBytes);
            switch (random.Next(4_000))
            {
                case 0 when versions.Count < 4:
                    versions.Add((table.Freeze(), Copy(model)));
                    break;
                case 1 or 2 when versions.Count > 0:
                    int which = random.Next(versions.Count);
                    AssertSame(versions[which].Model, versions[which].Version.GetEnumerator());
                    versions[which].Version.Dispose();
                    versions.RemoveAt(which);
                    break;
                case 3:
                    AssertSame(model, table.GetEnumerator());
                    break;
                case 4 when random.Next(4) == 0 && step < 30_000:
                    table.Clear();
                    model.Clear();
                    break;
                case 5:
                    StateTable restored = Restore(table, budget);
                    table.Dispose();
                    table = restored;
                    break;
                default:
                    break;
            }
        }

        AssertSame(model, table.GetEnumerator());
        Assert.True(largest > 2 * budget.Bytes, "the table never outgrew the budget");
        Assert.True(budget.PagesRead > 100);
        table.Dispose();
        foreach ((StateVersion version, Dictionary<string, byte[]> then) in versions)
        {
            AssertSame(then, version.GetEnumerator());
            version.Dispose();
        }

        Assert.InRange(budget.ResidentBytesPeak, 1, budget.Bytes + StateBudget.SlackBytes + (16 << 20 & (valueSize == 0 ? -1 : 0)));
        Assert.Equal(0, budget.OutsideBytes);
    }

    [Fact]
    public void Tables_share_a_budget_and_one_that_is_not_used_leaves()
    {
        using StateBudget budget = Tiny(new HostileMemory());
        using StateTable first = Filled(budget, 20_000);
        using StateTable second = Filled(budget, 20_000);
        Assert.InRange(budget.ResidentBytesPeak, 1, budget.Bytes + StateBudget.SlackBytes);
        for (ulong i = 0; i < 20_000; i++)
        {
            Assert.Equal(i, Read(first, i));
            Assert.Equal(i, Read(second, i));
        }
    }

    [Fact]
    public void A_page_that_came_back_and_was_only_read_is_not_sealed_again()
    {
        using StateBudget budget = Tiny(new HostileMemory());
        using StateTable table = Filled(budget, 50_000);
        long written = budget.PagesWritten;
        long read = budget.PagesRead;
        for (ulong key = 0; key < 5_000; key++)
        {
            Read(table, key);
        }

        // Those that had never left may have to be sealed now, once each, and no other.
        Assert.InRange(budget.PagesWritten - written, 0, budget.Bytes / StateTable.PageBytesDefault);
        Assert.True(budget.PagesRead - read > 1_000);
    }

    [Fact]
    public void A_snapshot_of_a_table_beyond_its_budget_has_the_bytes_of_one_without_a_budget()
    {
        using StateBudget budget = Tiny(new HostileMemory());
        using StateTable paged = Filled(budget, 50_000);
        using StateTable plain = Filled(null, 50_000);
        Assert.True(budget.OutsideBytes > budget.Bytes);
        Assert.Equal(Encoded(plain), Encoded(paged));
        using StateTable restored = Restore(plain, budget);
        Assert.Equal(Encoded(plain), Encoded(restored));
    }

    [Fact]
    public void A_second_snapshot_knows_unchanged_pages_by_their_stamps_although_they_moved()
    {
        using StateBudget budget = Tiny(new HostileMemory());
        using StateTable table = Filled(budget, 50_000);
        List<StatePageName> before = Pages(table);
        for (ulong i = 0; i < 50_000; i++)
        {
            Read(table, i);
        }

        Assert.Equal(before, Pages(table));
        table.GetOrAdd(Key(7), StateHash.Of(Key(7)), out _)[0]++;
        List<StatePageName> after = Pages(table);
        Assert.Equal(1, before.Zip(after).Count(pair => pair.First != pair.Second));
    }

    [Fact]
    public async Task A_version_is_read_by_another_thread_while_the_owner_changes_and_moves_every_page()
    {
        using StateBudget budget = Tiny(new HostileMemory());
        using StateTable table = Filled(budget, 30_000);
        for (int round = 1; round <= 10; round++)
        {
            using StateVersion version = table.Freeze();
            int expected = round - 1;
            Task<long> reading = Task.Run(
                () =>
            {
                long seen = 0;
                foreach (StateEntry entry in version)
                {
                    ulong number = BinaryPrimitives.ReadUInt64LittleEndian(entry.Key);
                    Assert.Equal(number + (ulong)expected, BinaryPrimitives.ReadUInt64LittleEndian(entry.Value));
                    seen++;
                }

                return seen;
            },
                TestContext.Current.CancellationToken);
            for (ulong i = 0; i < 30_000; i++)
            {
                byte[] key = Key(i);
                Span<byte> value = table.GetOrAdd(key, StateHash.Of(key), out _);
                BinaryPrimitives.WriteUInt64LittleEndian(value, BinaryPrimitives.ReadUInt64LittleEndian(value) + 1);
            }

            Assert.Equal(30_000, await reading);
        }

        Assert.InRange(budget.ResidentBytesPeak, 1, budget.Bytes + StateBudget.SlackBytes);
    }

    [Fact]
    public void Slots_of_versions_are_used_again_once_they_are_released()
    {
        using StateBudget budget = Tiny(new HostileMemory());
        using StateTable table = Filled(budget, 30_000);
        long bytes = table.SizeBytes;
        for (int cycle = 0; cycle < 20; cycle++)
        {
            using (table.Freeze())
            {
                for (ulong i = 0; i < 30_000; i++)
                {
                    table.GetOrAdd(Key(i), StateHash.Of(Key(i)), out _)[0]++;
                }
            }
        }

        Assert.InRange(budget.OutsideBytes, 1, 3 * bytes);
    }

    [Fact]
    public void Bookkeeping_takes_little_of_a_state_a_hundred_times_the_budget()
    {
        using StateBudget budget = new(1 << 20, new HostileMemory(), new SeededEntropy(1));
        using StateTable table = new(8, 1_024, budget);
        for (ulong i = 0; table.SizeBytes < 100 << 20; i++)
        {
            table.GetOrAdd(Key(i), StateHash.Of(Key(i)), out _);
        }

        long pages = table.SizeBytes / StateTable.PageBytesDefault;
        Assert.True(budget.OutsideBytes > 90 << 20);
        Assert.InRange(budget.ResidentBytesPeak, 1, budget.Bytes + StateBudget.SlackBytes);
        Assert.InRange(budget.BookkeepingBytes - StateBudget.SlotBytes, pages * 16, pages * 64);
    }

    [Fact]
    public void A_worker_without_memory_outside_is_told_so()
    {
        using StateBudget budget = Tiny(new HostileMemory(slotsMax: 3));
        using StateTable table = new(8, 8, budget);
        StateLimitException full = Assert.Throws<StateLimitException>(() =>
        {
            for (ulong i = 0; i < 100_000; i++)
            {
                table.GetOrAdd(Key(i), StateHash.Of(Key(i)), out _);
            }
        });
        Assert.Contains("all 3 slots", full.Message, StringComparison.Ordinal);
    }

    internal static StateBudget Tiny(IOutsideMemory outside) => new(StateBudget.BytesMin, outside, new SeededEntropy(1));

    internal static StateTable Filled(StateBudget? budget, ulong keys)
    {
        StateTable table = new(8, 8, budget);
        for (ulong i = 0; i < keys; i++)
        {
            byte[] key = Key(i);
            BinaryPrimitives.WriteUInt64LittleEndian(table.GetOrAdd(key, StateHash.Of(key), out _), i);
        }

        return table;
    }

    internal static ulong Read(StateTable table, ulong number)
    {
        byte[] key = Key(number);
        Assert.True(table.TryGet(key, StateHash.Of(key), out ReadOnlySpan<byte> value));
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }

    internal static byte[] Key(ulong value)
    {
        byte[] key = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(key, value);
        return key;
    }

    private static void Operate(Random random, StateTable table, Dictionary<string, byte[]> model, byte[] key, string place)
    {
        string name = Encoding.Latin1.GetString(key);
        ulong hash = StateHash.Of(key);
        switch (random.Next(10))
        {
            case < 5 when table.ValueSize != 0:
                Span<byte> value = table.GetOrAdd(key, hash, out bool added);
                Assert.Equal(!model.TryGetValue(name, out byte[]? before), added);
                Assert.True(value.SequenceEqual(before ?? new byte[table.ValueSize]), place);
                random.NextBytes(value);
                model[name] = value.ToArray();
                break;
            case < 6:
                byte[] content = new byte[table.ValueSize != 0 ? table.ValueSize : ValueLength(random)];
                random.NextBytes(content);
                table.Set(key, hash, content);
                model[name] = content;
                break;
            case < 7:
                Assert.Equal(model.Remove(name), table.Remove(key, hash));
                break;
            default:
                bool found = table.TryGet(key, hash, out ReadOnlySpan<byte> read);
                Assert.Equal(model.ContainsKey(name), found);
                Assert.True(!found || read.SequenceEqual(model[name]), place);
                break;
        }

        Assert.Equal(model.Count, table.Count);
    }

    private static byte[] RandomKey(Random random, int keySize, int numbers)
    {
        byte[] key = new byte[keySize != 0 ? keySize : 3 + random.Next(40)];
        int number = random.Next(numbers);
        for (int i = 0; i < 3; i++)
        {
            key[i] = (byte)(number >> (8 * i));
        }

        return key;
    }

    private static int ValueLength(Random random) => random.Next(1000) switch
    {
        < 950 => random.Next(60),
        < 998 => random.Next(2_500),
        _ => random.Next(100_000),
    };

    private static Dictionary<string, byte[]> Copy(Dictionary<string, byte[]> model) =>
        model.ToDictionary(entry => entry.Key, entry => (byte[])entry.Value.Clone());

    /// <summary>A table made of another's pages as a snapshot has them, last page first.</summary>
    private static StateTable Restore(StateTable table, StateBudget? budget)
    {
        using StateVersion version = table.Freeze();
        List<(ulong Prefix, byte Depth, byte[] Payload)> pages = [];
        ulong prefix = 0;
        int at = 0;
        while (version.TryNextPage(ref at, out StatePageName page))
        {
            ArrayBufferWriter<byte> writer = new();
            version.EncodePage(page, writer);
            pages.Add((prefix, (byte)page.Depth, writer.WrittenSpan.ToArray()));
            prefix += 1UL << (64 - page.Depth);
        }

        StateTable restored = StateTable.TryRestore(table.KeySize, table.ValueSize, pages.Select(page => page.Depth).ToArray(), budget)!;
        foreach ((ulong first, _, byte[] payload) in Enumerable.Reverse(pages))
        {
            Assert.Null(restored.RestorePage(first, payload));
        }

        Assert.Equal("a page is there twice", restored.RestorePage(pages.MaxBy(page => page.Payload.Length).Prefix, pages[0].Payload));
        Assert.Equal(table.Count, restored.Count);
        return restored;
    }

    private static byte[] Encoded(StateTable table)
    {
        using StateVersion version = table.Freeze();
        ArrayBufferWriter<byte> writer = new();
        int at = 0;
        while (version.TryNextPage(ref at, out StatePageName page))
        {
            version.EncodePage(page, writer);
        }

        return writer.WrittenSpan.ToArray();
    }

    private static List<StatePageName> Pages(StateTable table)
    {
        using StateVersion version = table.Freeze();
        List<StatePageName> pages = [];
        int at = 0;
        while (version.TryNextPage(ref at, out StatePageName page))
        {
            pages.Add(page);
        }

        return pages;
    }

    private static void AssertSame(Dictionary<string, byte[]> model, StateEnumerator entries)
    {
        int count = 0;
        ulong last = 0;
        while (entries.MoveNext())
        {
            StateEntry entry = entries.Current;
            Assert.True(model.TryGetValue(Encoding.Latin1.GetString(entry.Key), out byte[]? value));
            Assert.True(entry.Value.SequenceEqual(value));
            Assert.True(entry.Hash >= last);
            last = entry.Hash;
            count++;
        }

        entries.Dispose();
        Assert.Equal(model.Count, count);
    }
}
