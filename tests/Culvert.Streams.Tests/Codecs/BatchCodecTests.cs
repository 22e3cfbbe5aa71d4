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
