using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Stages.Tests;

public sealed class GroupIndexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RowsHaveTheSameNumberExactlyWhenTheirKeysAreEqual(int columnCount)
    {
        for (ulong seed = 0; seed < 60; seed++)
        {
            Random random = new((int)seed);
            ImmutableArray<ColumnType> types =
            [
                .. Enumerable.Range(0, columnCount).Select(_ => new ColumnType(
                    RandomColumns.Kinds[random.Next(RandomColumns.Kinds.Length)], random.Next(2) == 0)),
            ];
            GroupIndex index = new(types);
            KeyTable keys = new(types);
            for (int round = 0; round < 2; round++)
            {
                Dictionary<string, int> expected = [];
                for (int batch = 0; batch < 3; batch++)
                {
                    Column[] columns = [.. types.Select(t => RandomColumns.Make(random, t, 100))];
                    int[] numbers = new int[100];
                    index.Assign(columns, numbers);
                    for (int row = 0; row < 100; row++)
                    {
                        string key = Convert.ToHexString(keys.Encode(columns, row));
                        int number = expected.TryGetValue(key, out int known) ? known : expected[key] = expected.Count;
                        Assert.True(number == numbers[row], $"seed {seed}, row {row}: {number} and {numbers[row]}");
                    }
                }

                Assert.Equal(expected.Count, index.Count);
                Column[] built = index.Build([.. Enumerable.Range(0, index.Count)]);
                for (int number = 0; number < index.Count; number++)
                {
                    Assert.Equal(number, expected[Convert.ToHexString(keys.Encode(built, number))]);
                }

                index.Clear();
                Assert.Equal(0, index.Count);
            }
        }
    }

    [Fact]
    public void WithoutColumnsThereIsOneGroupOnceThereIsARow()
    {
        GroupIndex index = new([]);
        Assert.Equal(0, index.Count);
        index.Assign([], new int[3]);
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void ADictionaryColumnIsNumberedByItsBytesNotByItsCodes()
    {
        GroupIndex index = new([new ColumnType(ValueKind.Text)]);
        int[] first = new int[3];
        int[] second = new int[2];
        index.Assign([Coded(["x", "y"], [1, 0, 1])], first);
        index.Assign([Coded(["y", "z"], [0, 1])], second);
        Assert.Equal([0, 1, 0], first);
        Assert.Equal([0, 2], second);
    }

    private static DictionaryColumn Coded(string[] entries, int[] codes)
    {
        TextColumnBuilder builder = new(new ColumnType(ValueKind.Text));
        foreach (string entry in entries)
        {
            builder.Append(entry);
        }

        return new DictionaryColumn(new ColumnType(ValueKind.Text), codes, (TextColumn)builder.Build(), codes.Length);
    }
}
