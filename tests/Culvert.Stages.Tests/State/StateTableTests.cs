using System.Buffers.Binary;
using System.Text;

namespace Culvert.Stages.Tests;

public sealed class StateTableTests
{
    [Fact]
    public void A_value_is_zeros_when_added_and_keeps_what_is_written_in_place()
    {
        using StateTable table = new(keySize: 8, valueSize: 16);
        for (ulong i = 0; i < 100_000; i++)
        {
            byte[] key = Key(i);
            Span<byte> value = table.GetOrAdd(key, StateHash.Of(key), out bool added);
            Assert.True(added);
            Assert.True(value.IndexOfAnyExcept((byte)0) < 0);
            BinaryPrimitives.WriteUInt64LittleEndian(value, i * 3);
        }

        Assert.Equal(100_000, table.Count);
        for (ulong i = 0; i < 100_000; i++)
        {
            byte[] key = Key(i);
            Span<byte> value = table.GetOrAdd(key, StateHash.Of(key), out bool added);
            Assert.False(added);
            Assert.Equal(i * 3, BinaryPrimitives.ReadUInt64LittleEndian(value));
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 8, 16)]
    [InlineData(3, 0, 4)]
    [InlineData(4, 8, 0)]
    [InlineData(5, 2, 1)]
    [InlineData(6, 100, 2000)]
    public void Random_operations_and_versions_agree_with_a_dictionary(ulong seed, int keySize, int valueSize)
    {
        Random random = new((int)seed);
        using StateTable table = new(keySize, valueSize);
        Dictionary<string, byte[]> model = [];
        List<(StateVersion Version, Dictionary<string, byte[]> Model)> versions = [];
        for (int step = 0; step < 60_000; step++)
        {
            byte[] key = new byte[keySize != 0 ? keySize : random.Next(40)];
            int number = random.Next(step < 30_000 ? 20_000 : 3_000);
            for (int i = 0; i < Math.Min(key.Length, 4); i++)
            {
                key[i] = (byte)(number >> (8 * i));
            }

            string name = Encoding.Latin1.GetString(key);
            ulong hash = StateHash.Of(key);
            switch (random.Next(10))
            {
                case < 5 when valueSize != 0:
                    Span<byte> value = table.GetOrAdd(key, hash, out bool added);
                    Assert.Equal(!model.ContainsKey(name), added);
                    random.NextBytes(value);
                    model[name] = value.ToArray();
                    break;
                case < 7:
                    byte[] content = new byte[valueSize != 0 ? valueSize : ValueLength(random)];
                    random.NextBytes(content);
                    table.Set(key, hash, content);
                    model[name] = content;
                    break;
                case < 8:
                    Assert.Equal(model.Remove(name), table.Remove(key, hash));
                    break;
                default:
                    bool found = table.TryGet(key, hash, out ReadOnlySpan<byte> read);
                    Assert.Equal(model.ContainsKey(name), found);
                    Assert.True(!found || read.SequenceEqual(model[name]), $"seed {seed}, step {step}");
                    break;
            }

            int chance = random.Next(5_000);
            if (chance == 0)
            {
                versions.Add((table.Freeze(), model.ToDictionary(entry => entry.Key, entry => (byte[])entry.Value.Clone())));
            }
            else if (chance == 1 && versions.Count > 0)
            {
                int which = random.Next(versions.Count);
                AssertSame(versions[which].Model, versions[which].Version.GetEnumerator(), seed);
                versions[which].Version.Dispose();
                versions.RemoveAt(which);
            }
            else if (chance == 2 && random.Next(5) == 0)
            {
                table.Clear();
                model.Clear();
            }

            Assert.Equal(model.Count, table.Count);
        }

        AssertSame(model, table.GetEnumerator(), seed);
        foreach ((StateVersion version, Dictionary<string, byte[]> then) in versions)
        {
            AssertSame(then, version.GetEnumerator(), seed);
            Assert.Equal(then.Count, version.Count);
            version.Dispose();
        }
    }

    [Fact]
    public void The_order_of_entries_does_not_depend_on_the_past()
    {
        using StateTable forward = new(0, 8);
        using StateTable backward = new(0, 8);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] key = Encoding.UTF8.GetBytes($"key {i}");
            forward.GetOrAdd(key, StateHash.Of(key), out _);
            byte[] other = Encoding.UTF8.GetBytes($"key {19_999 - i}");
            backward.GetOrAdd(other, StateHash.Of(other), out _);
            byte[] passing = Encoding.UTF8.GetBytes($"passing {i}");
            backward.GetOrAdd(passing, StateHash.Of(passing), out _);
        }

        for (int i = 0; i < 20_000; i++)
        {
            byte[] passing = Encoding.UTF8.GetBytes($"passing {i}");
            Assert.True(backward.Remove(passing, StateHash.Of(passing)));
        }

        Assert.Equal(Keys(forward), Keys(backward));
    }

    [Fact]
    public void Limits_are_named_when_they_are_exceeded()
    {
        using StateTable table = new(0, 0);
        byte[] key = new byte[StateTable.KeyBytesMax + 1];
        StateLimitException tooLong = Assert.Throws<StateLimitException>(() => table.Set(key, StateHash.Of(key), []));
        Assert.Contains("2049 bytes", tooLong.Message, StringComparison.Ordinal);
        byte[] value = new byte[StateTable.ValueBytesMax + 1];
        StateLimitException tooLarge =
            Assert.Throws<StateLimitException>(() => table.Set([1], StateHash.Of([1]), value));
        Assert.Contains("16777217 bytes", tooLarge.Message, StringComparison.Ordinal);
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void Keys_chosen_to_have_nearly_one_hash_are_refused_before_the_directory_grows_out_of_proportion()
    {
        using StateTable table = new(8, 2_000);
        ulong number = 0;
        StateLimitException refused = Assert.Throws<StateLimitException>(() =>
        {
            while (table.Count < 1_000)
            {
                byte[] key = Key(number++);
                if (StateHash.Of(key) >> 48 == 0)
                {
                    table.GetOrAdd(key, StateHash.Of(key), out _);
                }
            }
        });
        Assert.Contains("nearly the same hash", refused.Message, StringComparison.Ordinal);
        Assert.InRange(table.SizeBytes, 0, 2 << 20);
    }

    [Fact]
    public void A_version_outlives_its_table()
    {
        StateTable table = new(8, 8);
        byte[] key = Key(7);
        table.GetOrAdd(key, StateHash.Of(key), out _)[0] = 42;
        using StateVersion version = table.Freeze();
        table.GetOrAdd(key, StateHash.Of(key), out _)[0] = 43;
        table.Dispose();
        foreach (StateEntry entry in version)
        {
            Assert.Equal(key, entry.Key.ToArray());
            Assert.Equal(42, entry.Value[0]);
        }
    }

    [Fact]
    public void Memory_is_reused_once_versions_are_released()
    {
        using StateTable table = new(8, 8);
        for (int cycle = 0; cycle < 50; cycle++)
        {
            using (table.Freeze())
            {
                for (ulong i = 0; i < 20_000; i++)
                {
                    byte[] key = Key(i);
                    table.GetOrAdd(key, StateHash.Of(key), out _)[0]++;
                }
            }
        }

        // 20,000 entries of 16 bytes, pages half full, twice for a version, and a slab that is not used up.
        Assert.InRange(table.SizeBytes, 320_000, 3_300_000);
    }

    private static int ValueLength(Random random) => random.Next(1000) switch
    {
        < 900 => random.Next(60),
        < 998 => random.Next(2_500),
        _ => random.Next(200_000),
    };

    private static List<string> Keys(StateTable table)
    {
        List<string> keys = [];
        foreach (StateEntry entry in table)
        {
            keys.Add(Encoding.UTF8.GetString(entry.Key));
        }

        return keys;
    }

    private static void AssertSame(Dictionary<string, byte[]> model, StateEnumerator entries, ulong seed)
    {
        int count = 0;
        ulong last = 0;
        while (entries.MoveNext())
        {
            StateEntry entry = entries.Current;
            Assert.True(model.TryGetValue(Encoding.Latin1.GetString(entry.Key), out byte[]? value), $"seed {seed}");
            Assert.True(entry.Value.SequenceEqual(value), $"seed {seed}");
            Assert.Equal(StateHash.Of(entry.Key), entry.Hash);
            Assert.True(entry.Hash >= last, $"seed {seed}");
            last = entry.Hash;
            count++;
        }

        Assert.Equal(model.Count, count);
    }

    private static byte[] Key(ulong value)
    {
        byte[] key = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(key, value);
        return key;
    }
}
