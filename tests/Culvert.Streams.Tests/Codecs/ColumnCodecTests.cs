using System.Collections.Immutable;

namespace Culvert.Streams.Tests;

public sealed class ColumnCodecTests
{
    private static readonly ValueKind[] s_kinds = [.. Enum.GetValues<ValueKind>().Where(k => k != ValueKind.State)];

    public static TheoryData<ValueKind> Kinds => [.. s_kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RandomColumnsAreReadBackAsTheyWere(ValueKind kind)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            Random random = new(seed);
            ColumnType type = new(kind, seed % 3 != 0);
            int rows = seed < 10 ? seed : random.Next(1, 3000);
            int spread = random.Next(0, 65);
            using Column column = Make(type, rows, random, () => Value(kind, random, spread));
            EncodedColumn encoded = Encode(column, random, out RowGroupBuilder builder);
            using (builder)
            {
                Outcome<Column> read = ColumnCodec.Decode(type, rows, encoded.Encoding, encoded.Values);
                Assert.True(read.Succeeded, $"{type}, seed {seed}: {read.Failure?.Message}");
                using Column decoded = read.Value;
                Assert.Equal(type, decoded.Type);
                Assert.Equal(rows, decoded.Count);
                for (int row = 0; row < rows; row++)
                {
                    Assert.Equal(column.GetValue(row), decoded.GetValue(row));
                }

                // One canonical encoding: what was decoded is encoded to the same bytes.
                byte[] values = encoded.Values.ToArray();
                byte[] encoding = encoded.Encoding.ToArray();
                EncodedColumn again = Encode(decoded, random, out RowGroupBuilder second);
                using (second)
                {
                    Assert.Equal(encoding, again.Encoding.ToArray());
                    Assert.Equal(values, again.Values.ToArray());
                }
            }
        }
    }

    [Theory]
    [InlineData(ValueKind.Int32, 0, 0, 0)]
    [InlineData(ValueKind.Int32, 2008, 2008, 0)]
    [InlineData(ValueKind.Int32, -128, 127, 1)]
    [InlineData(ValueKind.Int32, 0, 256, 2)]
    [InlineData(ValueKind.Int32, -40000, 30000, 4)]
    [InlineData(ValueKind.Int64, 1L << 60, (1L << 60) + 65535, 2)]
    [InlineData(ValueKind.Int64, long.MinValue, long.MaxValue, 8)]
    [InlineData(ValueKind.Int64, 0, 1L << 31, 4)]
    public void WholeNumbersTakeTheLeastWidthThatHoldsTheirRange(ValueKind kind, long least, long greatest, int bytesPerRow)
    {
        using Column column = Make(new ColumnType(kind), 100, new Random(1), new Queue<object?>(Enumerable.Range(0, 100).Select(i => (object?)(i % 2 == 0 ? least : greatest))).Dequeue);
        EncodedColumn encoded = Encode(column, new Random(1), out RowGroupBuilder builder);
        using (builder)
        {
            Assert.Equal(100 * bytesPerRow, encoded.Values.Length);
            using Column read = ColumnCodec.Decode(column.Type, 100, encoded.Encoding, encoded.Values).Value;
            Assert.Equal(Convert.ToInt64(read.GetValue(1), null), greatest);
            Assert.Equal(Convert.ToInt64(read.GetValue(0), null), least);
        }
    }

    [Fact]
    public void FewTextsAreNumberedAndManyAreLaidOut()
    {
        using Column few = Make(new ColumnType(ValueKind.Text), 1000, new Random(1), () => "carrier " + (Random.Shared.Next() & 7));
        using Column many = Make(new ColumnType(ValueKind.Text), 1000, new Random(1), new Queue<object?>(Enumerable.Range(0, 1000).Select(i => (object?)$"text {i}")).Dequeue);

        EncodedColumn fewEncoded = Encode(few, new Random(1), out RowGroupBuilder one);
        using Column fewRead = ColumnCodec.Decode(few.Type, 1000, fewEncoded.Encoding, fewEncoded.Values).Value;
        EncodedColumn manyEncoded = Encode(many, new Random(1), out RowGroupBuilder other);
        using Column manyRead = ColumnCodec.Decode(many.Type, 1000, manyEncoded.Encoding, manyEncoded.Values).Value;

        Assert.IsType<DictionaryColumn>(fewRead);
        Assert.Equal(1000 + 8 + (8 * 9), fewEncoded.Values.Length);
        Assert.IsType<TextColumn>(manyRead);
        one.Dispose();
        other.Dispose();
    }

    [Fact]
    public void ValuesThatAreStoredAsTheyAreGoStraightIntoTheColumn()
    {
        Random random = new(1);
        using Column column = Make(new ColumnType(ValueKind.Float64), 500, random, () => random.NextDouble());
        EncodedColumn encoded = Encode(column, random, out RowGroupBuilder builder);
        nint filled = 0;
        using Column read = ColumnCodec.Decode(column.Type, 500, encoded.Encoding.Span, encoded.Values.Length, values =>
        {
            unsafe
            {
                fixed (byte* p = values)
                {
                    filled = (nint)p;
                }
            }

            encoded.Values.Span.CopyTo(values);
            return null;
        }, ColumnPool.None).Value;

        unsafe
        {
            fixed (double* p = ((FixedColumn<double>)read).Values)
            {
                Assert.Equal(filled, (nint)p);
            }
        }

        builder.Dispose();
    }

    [Fact]
    public void AFailureToOpenIsHandedOnAndNothingIsKept()
    {
        CountingPool pool = new();
        Failure failure = new(FailureKind.Integrity, "altered");
        Assert.Same(failure, ColumnCodec.Decode(new ColumnType(ValueKind.Int32), 10, [1, 0], 40, _ => failure, pool).Failure);
        Assert.Same(failure, ColumnCodec.Decode(new ColumnType(ValueKind.Text), 10, [3, 0, 1, 0, 0, 0, 0], 10, _ => failure, pool).Failure);
        Assert.Equal(0, pool.Out);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void HostileBytesGiveAColumnOrARefusalAndNothingElse(ValueKind kind)
    {
        Random random = new((int)kind);
        ColumnType type = new(kind, true);
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            int rows = random.Next(1, 80);
            int spread = random.Next(0, 65);
            using Column column = Make(type, rows, random, () => Value(kind, random, spread));
            EncodedColumn encoded = Encode(column, random, out RowGroupBuilder builder);
            byte[] encoding = encoded.Encoding.ToArray();
            byte[] values = encoded.Values.ToArray();
            builder.Dispose();
            for (int k = random.Next(1, 4); k > 0; k--)
            {
                byte[] target = values.Length > 0 && random.Next(3) > 0 ? values : encoding;
                target[random.Next(target.Length)] = (byte)random.Next(256);
            }

            if (random.Next(10) == 0)
            {
                values = values[..random.Next(values.Length + 1)];
            }

            CountingPool pool = new();
            Outcome<Column> read = ColumnCodec.Decode(type, rows, encoding, values, pool);
            if (read.Succeeded)
            {
                for (int row = 0; row < rows; row++)
                {
                    read.Value.GetValue(row);
                    Assert.True(!read.Value.IsNull(row) || read.Value is not BytesColumn texts || texts.GetBytes(row).IsEmpty);
                }

                read.Value.Dispose();
            }
            else
            {
                Assert.Equal(FailureKind.Malformed, read.Failure.Kind);
                refused++;
            }

            Assert.Equal(0, pool.Out);
        }

        Assert.InRange(refused, 100, 1000);
    }

    [Fact]
    public void TypesAreReadBackAndOthersRefused()
    {
        Schema schema = new(s_kinds.Select((k, i) => new Field($"c{i}", new ColumnType(k, i % 2 == 0))));
        byte[] types = ColumnCodec.WriteTypes(schema);
        ImmutableArray<string> names = [.. schema.Fields.Select(f => f.Name)];

        Assert.Equal(schema, ColumnCodec.ReadTypes(names, types).Value);
        Assert.False(ColumnCodec.ReadTypes(names, types.AsSpan(1)).Succeeded);
        Assert.False(ColumnCodec.ReadTypes(names[1..], types).Succeeded);
        types[3] = 18;
        Assert.Contains("'c1'", ColumnCodec.ReadTypes(names, types).Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AGroupTakesRowsUntilItIsFull()
    {
        Schema schema = new(new Field("n", new ColumnType(ValueKind.Int32)));
        using Batch batch = new(schema, [Make(schema[0].Type, 100, new Random(1), () => 1)], 100);
        using RowGroupBuilder builder = new(schema, 150);

        Assert.Equal(100, builder.Append(batch, 0));
        Assert.Equal(50, builder.Append(batch, 0));
        Assert.True(builder.IsFull);
        Assert.Equal(0, builder.Append(batch, 50));
        builder.Clear();
        Assert.Equal(30, builder.Append(batch, 70));
        Assert.Equal(30, builder.Rows);
    }

    [Fact]
    public void LargeTextsFillAGroupBeforeItsRowsDo()
    {
        Schema schema = new(new Field("t", new ColumnType(ValueKind.Bytes)));
        int number = 0;
        using Batch batch = new(schema, [Make(schema[0].Type, 5, new Random(1), () =>
        {
            byte[] large = new byte[10 << 20];
            large[0] = (byte)number++;
            return large;
        })], 5);
        using RowGroupBuilder builder = new(schema, 1000);

        Assert.Equal(3, builder.Append(batch, 0));
        Assert.True(builder.IsFull);
        builder.Clear();
        Assert.Equal(2, builder.Append(batch, 3));
    }

    /// <summary>A value of a kind; whole numbers of at most as many bits as <paramref name="spread"/>.</summary>
    private static object? Value(ValueKind kind, Random random, int spread)
    {
        ulong bits = spread == 0 ? 0 : (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> (64 - spread);
        return unchecked(kind switch
        {
            ValueKind.Bool => random.Next(2) == 0,
            ValueKind.Int8 => (sbyte)bits,
            ValueKind.UInt8 => (byte)bits,
            ValueKind.Int16 => (short)bits,
            ValueKind.UInt16 => (ushort)bits,
            ValueKind.Int32 => (int)bits - 1000,
            ValueKind.UInt32 => (uint)bits,
            ValueKind.Int64 => (long)bits,
            ValueKind.UInt64 => bits,
            ValueKind.Float32 => random.NextSingle(),
            ValueKind.Float64 => random.Next(5) == 0 ? double.NaN : random.NextDouble(),
            ValueKind.Decimal => new decimal(random.Next(), random.Next(), random.Next(), random.Next(2) == 0, (byte)random.Next(29)),
            ValueKind.Text => spread > 40 ? $"text {random.Next()} ä" : new string('x', random.Next(4)),
            ValueKind.Bytes => new byte[random.Next(4)],
            ValueKind.DateTime => new DateTime((long)(bits & ((1UL << 61) - 1)), (DateTimeKind)(spread % 3)),
            ValueKind.DateTimeOffset => new DateTimeOffset((1L << 58) + random.NextInt64(1L << 50), TimeSpan.FromMinutes(random.Next(-840, 841))),
            _ => (object)new TimeSpan((long)bits),
        });
    }

    private static Column Make(ColumnType type, int rows, Random random, Func<object?> next)
    {
        ColumnBuilder builder = ColumnBuilder.Create(type, ColumnPool.None);
        for (int row = 0; row < rows; row++)
        {
            builder.AppendObject(type.Nullable && random.Next(4) == 0 ? null : next());
        }

        return builder.Build();
    }

    /// <summary>Encodes a column that comes in slices of all sizes.</summary>
    private static EncodedColumn Encode(Column column, Random random, out RowGroupBuilder builder)
    {
        Schema schema = new(new Field("c", column.Type));
        builder = new RowGroupBuilder(schema, Math.Max(1, column.Count));
        using Batch batch = new(schema, [column.Retain()], column.Count);
        for (int at = 0; at < column.Count;)
        {
            int[] rows = [.. Enumerable.Range(at, Math.Min(column.Count - at, random.Next(1, 200)))];
            using Batch slice = random.Next(2) == 0 ? batch.Retain() : batch.Gather(rows);
            if (slice == batch)
            {
                at += builder.Append(batch, at);
            }
            else
            {
                at += builder.Append(slice, 0);
            }
        }

        return Assert.Single(builder.Encode());
    }

    private sealed class CountingPool : ColumnPool
    {
        public int Out { get; private set; }

        public override T[] Rent<T>(int length)
        {
            Out++;
            return new T[length];
        }

        public override void Return<T>(T[] array) => Out--;
    }
}
