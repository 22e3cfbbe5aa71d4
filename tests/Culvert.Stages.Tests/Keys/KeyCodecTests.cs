using System.Text;
using Culvert.Streams;

namespace Culvert.Stages.Tests;

public sealed class KeyCodecTests
{
    public static TheoryData<ValueKind, bool> Types()
    {
        TheoryData<ValueKind, bool> data = [];
        foreach (ValueKind kind in RandomColumns.Kinds)
        {
            data.Add(kind, false);
            data.Add(kind, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void BytesOrderAsValuesDoAndEqualValuesHaveEqualBytes(ValueKind kind, bool nullable)
    {
        ColumnType type = new(kind, nullable);
        using Column column = RandomColumns.Make(new Random(7), type, 300);
        byte[][] keys = [.. Enumerable.Range(0, column.Count).Select(row => Encode(column, row))];
        for (int a = 0; a < column.Count; a++)
        {
            for (int b = 0; b < column.Count; b++)
            {
                int expected = Compare(column.GetValue(a), column.GetValue(b));
                Assert.True(
                    Math.Sign(expected) == Math.Sign(keys[a].AsSpan().SequenceCompareTo(keys[b])),
                    $"{column.GetValue(a)} against {column.GetValue(b)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void KeysOfTwoColumnsAreReadBackAsTheyWere(ValueKind kind, bool nullable)
    {
        ColumnType type = new(kind, nullable);
        Random random = new(11);
        using Column first = RandomColumns.Make(random, type, 200);
        using Column second = RandomColumns.Make(random, new ColumnType(ValueKind.Text, true), 200);
        KeyTable table = new([type, second.Type]);
        ColumnBuilder[] builders = [ColumnBuilder.Create(type), ColumnBuilder.Create(second.Type)];
        for (int row = 0; row < first.Count; row++)
        {
            table.Decode(table.Encode([first, second], row), builders);
        }

        using Column firstBack = builders[0].Build();
        using Column secondBack = builders[1].Build();
        for (int row = 0; row < first.Count; row++)
        {
            Assert.Equal(0, Compare(first.GetValue(row), firstBack.GetValue(row)));
            Assert.Equal(second.GetValue(row), secondBack.GetValue(row));
        }
    }

    [Fact]
    public void TheBytesAreThoseOfTheSpecification()
    {
        Assert.Equal("8000000000000005", Hex(ValueKind.Int32, 5));
        Assert.Equal("7FFFFFFFFFFFFFFF", Hex(ValueKind.Int64, -1L));
        Assert.Equal("0000000000000000", Hex(ValueKind.Float64, double.NaN));
        Assert.Equal("8000000000000000", Hex(ValueKind.Float64, -0.0));
        Assert.Equal("BFF0000000000000", Hex(ValueKind.Float64, 1.0));
        Assert.Equal("4141" + "0000", Hex(ValueKind.Text, "AA"));
        Assert.Equal("4100FF42" + "0000", Hex(ValueKind.Text, "A\0B"));
        Assert.Equal("80" + new string('0', 48), Hex(ValueKind.Decimal, 0.00m));
    }

    private static string Hex(ValueKind kind, object value)
    {
        ColumnBuilder builder = ColumnBuilder.Create(new ColumnType(kind));
        builder.AppendObject(value);
        using Column column = builder.Build();
        return Convert.ToHexString(Encode(column, 0));
    }

    private static byte[] Encode(Column column, int row)
    {
        ByteBuffer buffer = new();
        KeyCodec.Create(column.Type).Encode(column, row, buffer);
        return buffer.Span.ToArray();
    }

    private static int Compare(object? a, object? b) => (a, b) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string x, string y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y)),
        (byte[] x, byte[] y) => x.AsSpan().SequenceCompareTo(y),
        _ => ((IComparable)a).CompareTo(b),
    };
}
