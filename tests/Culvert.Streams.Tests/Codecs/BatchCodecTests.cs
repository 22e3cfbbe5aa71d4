using System.Buffers;

namespace Culvert.Streams.Tests;

public sealed class BatchCodecTests
{
    private static readonly Schema All = new(
        new Field("b", new ColumnType(ValueKind.Bool, true)),
        new Field("i", new ColumnType(ValueKind.Int32)),
        new Field("l", new ColumnType(ValueKind.Int64, true)),
        new Field("d", new ColumnType(ValueKind.Float64)),
        new Field("m", new ColumnType(ValueKind.Decimal, true)),
        new Field("t", new ColumnType(ValueKind.Text, true)),
        new Field("x", new ColumnType(ValueKind.Bytes)),
        new Field("w", new ColumnType(ValueKind.DateTime)),
        new Field("o", new ColumnType(ValueKind.DateTimeOffset, true)),
        new Field("s", new ColumnType(ValueKind.TimeSpan)));

    [Fact]
    public void ABatchIsReadBackAsItWas()
    {
        using Batch batch = Make(100);
        byte[] bytes = Write(batch);
        Outcome<Batch> read = BatchCodec.Read(All, bytes, out int consumed);
        Assert.True(read.Succeeded, read.Failure?.Message);
        Assert.Equal(bytes.Length, consumed);
        for (int row = 0; row < batch.Count; row++)
        {
            Assert.Equal(batch.GetRow(row), read.Value.GetRow(row));
        }

        Assert.Equal(bytes, Write(read.Value));
    }

    [Fact]
    public void WhatIsCutShortIsRefusedAtEveryLength()
    {
        byte[] bytes = Write(Make(5));
        for (int length = 0; length < bytes.Length; length++)
        {
            Outcome<Batch> read = BatchCodec.Read(All, bytes.AsSpan(0, length), out _);
            Assert.Equal(FailureKind.Malformed, read.Failure?.Kind);
        }
    }

    [Fact]
    public void HostileBytesGiveABatchOrARefusalAndNothingElse()
    {
        byte[] bytes = Write(Make(9));
        Random random = new(5);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] altered = [.. bytes];
            for (int k = random.Next(1, 4); k > 0; k--)
            {
                altered[random.Next(altered.Length)] = (byte)random.Next(256);
            }

            Outcome<Batch> read = BatchCodec.Read(All, altered, out _);
            if (read.Succeeded)
            {
                for (int row = 0; row < read.Value.Count; row++)
                {
                    read.Value.GetRow(row);
                }

                read.Value.Dispose();
            }
            else
            {
                refused++;
            }
        }

        Assert.True(refused > 1000);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(65_536, 2)]
    [InlineData(65_537, 4)]
    public void A_dictionary_keeps_its_encoding_with_the_narrowest_codes(int entries, int codeBytes)
    {
        int rows = (2 * entries) + 3;
        using Batch batch = Coded(entries, [.. Enumerable.Range(0, rows).Select(i => i * 7 % entries)]);
        byte[] bytes = Write(batch);
        int text = ((DictionaryColumn)batch[0]).Dictionary.Data.Length;
        Assert.Equal(4 + 1 + 4 + (4 * (entries + 1)) + text + (rows * codeBytes), bytes.Length);
        using Batch read = BatchCodec.Read(batch.Schema, bytes, out int consumed).Value;
        Assert.Equal(bytes.Length, consumed);
        DictionaryColumn column = Assert.IsType<DictionaryColumn>(read[0]);
        Assert.Equal(entries, column.Dictionary.Count);
        for (int row = 0; row < rows; row++)
        {
            Assert.True(column.GetBytes(row).SequenceEqual(batch.Text(0).GetBytes(row)));
        }
    }

    [Fact]
    public void Only_the_entries_in_use_are_written_in_the_order_of_first_use()
    {
        using Batch batch = Coded(1000, [900, 7, 900, 900, 7, 7]);
        using Batch read = BatchCodec.Read(batch.Schema, Write(batch), out _).Value;
        DictionaryColumn column = Assert.IsType<DictionaryColumn>(read[0]);
        Assert.Equal([0, 1, 0, 0, 1, 1], column.Codes.ToArray());
        Assert.Equal(["e900", "e7"], Enumerable.Range(0, column.Dictionary.Count).Select(i => (string)column.Dictionary.GetValue(i)!));
        using Batch other = Coded(1200, [900, 7, 900, 900, 7, 7]);
        Assert.Equal(Write(batch), Write(other));
    }

    [Fact]
    public void A_dictionary_that_does_not_pay_is_written_as_text()
    {
        using Batch batch = Coded(10, [1, 2, 3, 4, 4]);
        using Batch read = BatchCodec.Read(batch.Schema, Write(batch), out _).Value;
        TextColumn column = Assert.IsType<TextColumn>(read[0]);
        Assert.Equal(["e1", "e2", "e3", "e4", "e4"], Enumerable.Range(0, 5).Select(i => (string)column.GetValue(i)!));
    }

    [Fact]
    public void Missing_values_of_a_dictionary_use_no_entry()
    {
        ColumnType type = new(ValueKind.Text, true);
        int[] codes = [0, 5, 0, 5, 0, 6, 5, 6];
        ulong[] validity = [0b1110_1010];
        using Batch batch = new(
            new Schema(new Field("c", type)), [new DictionaryColumn(type, codes, Entries(10), codes.Length, validity, ColumnPool.None)], codes.Length);
        using Batch read = BatchCodec.Read(batch.Schema, Write(batch), out _).Value;
        Assert.Equal(2, Assert.IsType<DictionaryColumn>(read[0]).Dictionary.Count);
        Assert.Equal([null, "e5", null, "e5", null, "e6", "e5", "e6"], Enumerable.Range(0, 8).Select(row => read.GetRow(row)[0]));
        Assert.Equal(Write(batch), Write(read));
    }

    [Fact]
    public void What_stands_where_a_value_is_missing_is_written_as_zeros()
    {
        ColumnType type = new(ValueKind.Int32, true);
        using Batch batch = new(
            new Schema(new Field("n", type)), [new FixedColumn<int>(type, [1, 77, 3], 3, [0b101], ColumnPool.None)], 3);
        byte[] bytes = Write(batch);
        Assert.Equal("03000000" + "01" + "0500000000000000" + "010000000000000003000000", Convert.ToHexString(bytes));
        bytes[^8] = 77;
        Assert.Equal(FailureKind.Malformed, BatchCodec.Read(batch.Schema, bytes, out _).Failure?.Kind);
    }

    [Theory]
    [InlineData("an entry twice", "04000000" + "02" + "02000000" + "000000000100000002000000" + "4141" + "00010001")]
    [InlineData("a code that it does not have", "04000000" + "02" + "02000000" + "000000000100000002000000" + "4142" + "00010002")]
    [InlineData("more entries than half the rows", "03000000" + "02" + "02000000" + "000000000100000002000000" + "4142" + "000101")]
    [InlineData("no entry", "04000000" + "02" + "00000000" + "00000000" + "00000000")]
    [InlineData("wider codes than needed", "04000000" + "04" + "02000000" + "000000000100000002000000" + "4142" + "0000010000000100")]
    [InlineData("an unknown form", "04000000" + "08" + "02000000" + "000000000100000002000000" + "4142" + "00010001")]
    [InlineData("a missing value that the schema does not allow", "01000000" + "01" + "0000000000000000" + "0000000000000000")]
    [InlineData("descending offsets", "02000000" + "00" + "000000000200000001000000" + "4142")]
    [InlineData("an offset that does not begin at 0", "01000000" + "00" + "0100000002000000" + "4142")]
    public void A_flawed_column_of_text_is_refused(string flaw, string hex)
    {
        Schema schema = new(new Field("t", new ColumnType(ValueKind.Text)));
        Failure? failure = BatchCodec.Read(schema, Convert.FromHexString(hex), out _).Failure;
        Assert.True(failure?.Kind == FailureKind.Malformed, flaw);
        Assert.Contains("'t'", failure!.Message, StringComparison.Ordinal);
    }

    private static Batch Coded(int entries, int[] codes)
    {
        ColumnType type = new(ValueKind.Text);
        DictionaryColumn column = new(type, codes, Entries(entries), codes.Length, null, ColumnPool.None);
        return new Batch(new Schema(new Field("c", type)), [column], codes.Length);
    }

    private static TextColumn Entries(int count)
    {
        TextColumnBuilder builder = new(new ColumnType(ValueKind.Text));
        for (int i = 0; i < count; i++)
        {
            builder.Append($"e{i}");
        }

        return (TextColumn)builder.Build();
    }

    private static Batch Make(int rows)
    {
        Random random = new(3);
        ColumnBuilder[] builders = [.. All.Fields.Select(f => ColumnBuilder.Create(f.Type))];
        for (int row = 0; row < rows; row++)
        {
            object?[] values =
            [
                random.Next(3) switch { 0 => null, 1 => true, _ => false }, random.Next(), random.Next(2) == 0 ? null : random.NextInt64(),
                random.NextDouble(), random.Next(2) == 0 ? null : new decimal(random.NextDouble()), random.Next(3) == 0 ? null : new string('ä', random.Next(5)),
                new byte[random.Next(4)], new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc),
                random.Next(2) == 0 ? null : new DateTimeOffset(random.NextInt64(1L << 59), TimeSpan.FromMinutes(random.Next(-800, 800))), new TimeSpan(random.NextInt64()),
            ];
            for (int c = 0; c < values.Length; c++)
            {
                builders[c].AppendObject(values[c]);
            }
        }

        return new Batch(All, [.. builders.Select(b => b.Build())], rows);
    }

    private static byte[] Write(Batch batch)
    {
        ArrayBufferWriter<byte> writer = new();
        BatchCodec.Write(batch, writer);
        return writer.WrittenSpan.ToArray();
    }
}
