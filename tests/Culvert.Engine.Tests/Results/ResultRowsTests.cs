using System.Buffers;
using System.Globalization;
using System.Text;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Results;

/// <summary>The same rows, whichever file a result was written into.</summary>
public sealed class ResultRowsTests : IDisposable
{
    private static readonly ValueKind[] s_kinds = [.. Enum.GetValues<ValueKind>().Where(k => k != ValueKind.State)];

    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-result-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Random_batches_of_all_types_give_the_same_rows_from_every_file(int seed)
    {
        using Batch batch = RandomBatch(new Random(seed), rows: 300);
        string[] expected = RowsOf(batch);

        Assert.Equal(expected, FromFile(batch, new CsvFormat(), ResultFileFormat.Csv));
        Assert.Equal(expected, FromFile(batch, new JsonLinesFormat(), ResultFileFormat.JsonLines));
        Assert.Equal(expected.Order(StringComparer.Ordinal), FromDocument(batch).Order(StringComparer.Ordinal));
        Assert.Equal(expected, FromSealed(batch));
    }

    [Fact]
    public void A_rows_bytes_are_these()
    {
        Schema schema = new(new Field("n", new ColumnType(ValueKind.Int32)), new Field("t", new ColumnType(ValueKind.Text, true)), new Field("f", new ColumnType(ValueKind.Float64)), new Field("m", new ColumnType(ValueKind.Decimal)));
        using Batch batch = Make(schema, [[-5, "ä", 1e16, 1.500m], [0, null, double.NaN, 0.0m]]);

        Assert.Equal(
            [
                "01" + "02000000" + Hex("-5") + "01" + "02000000" + Hex("ä") + "01" + "10000000" + Hex("4341c37937e08000") + "01" + "03000000" + Hex("1.5"),
                "01" + "01000000" + Hex("0") + "00" + "00" + "01" + "01000000" + Hex("0"),
            ],
            RowsOf(batch));
    }

    [Fact]
    public void What_no_utf8_is_has_replacement_characters_in_each_format()
    {
        Schema schema = new(new Field("t", new ColumnType(ValueKind.Text)));
        TextColumnBuilder builder = new(schema[0].Type, ColumnPool.None);
        builder.Append([(byte)'a', 0xFF, 0xE2, 0x82, (byte)'b']);
        using Batch batch = new(schema, [builder.Build()], 1);

        Assert.Equal(["01" + "08000000" + Hex("a\uFFFD\uFFFDb")], RowsOf(batch));
        Assert.Equal(RowsOf(batch), FromFile(batch, new CsvFormat(), ResultFileFormat.Csv));
        Assert.Equal(RowsOf(batch), FromFile(batch, new JsonLinesFormat(), ResultFileFormat.JsonLines));
    }

    [Fact]
    public void Another_programs_spelling_of_the_same_json_gives_the_same_rows()
    {
        Schema schema = new(new Field("a", new ColumnType(ValueKind.Float64)), new Field("b", new ColumnType(ValueKind.Text)));

        string[] rows = Read("""
            { "rows": 2, "result": [
                {"b": "x\u00e4", "a": 1500e-1},
                {"a": 150.0, "b": "xä"} ], "job": {"name": ["deep", {"result": 1}]} }
            """, ResultFileFormat.Json, schema);

        Assert.Equal(2, rows.Length);
        Assert.Equal(rows[0], rows[1]);
    }

    [Theory]
    [InlineData("{\"a\":1,\"b\":\"x\",\"c\":2}", "has no column 'c'")]
    [InlineData("{\"a\":1}", "there is no 'b'")]
    [InlineData("{\"a\":1,\"a\":1,\"b\":\"x\"}", "'a' is there twice")]
    [InlineData("{\"a\":\"1\",\"b\":\"x\"}", "the value of 'a' is no int32")]
    [InlineData("{\"a\":1.5,\"b\":\"x\"}", "the value of 'a' is no int32")]
    [InlineData("{\"a\":3000000000,\"b\":\"x\"}", "the value of 'a' is no int32")]
    [InlineData("{\"a\":{},\"b\":\"x\"}", "the value of 'a' is no int32")]
    [InlineData("{\"a\":1,\"b\":true}", "the value of 'b' is no text")]
    [InlineData("{\"a\":1,\"b\":\"x\"", "behind row 0")]
    [InlineData("[1]", "a line is no object")]
    [InlineData("{\"a\":1,\"b\":\"\\ud800\"}", "surrogate")]
    public void A_json_line_that_is_no_row_is_refused(string line, string why) =>
        Assert.Contains(why, Refusal(line + "\n", ResultFileFormat.JsonLines), StringComparison.Ordinal);

    [Theory]
    [InlineData("[]", "it is no object")]
    [InlineData("{\"rows\":0}", "no member 'result'")]
    [InlineData("{\"result\":{}}", "'result' is no array")]
    [InlineData("{\"result\":[1]}", "something other than rows")]
    [InlineData("{\"result\":[],\"result\":[]}", "'result' is there twice")]
    [InlineData("{\"result\":[]} {}", "behind row 0")]
    [InlineData("{\"result\":[{\"a\":1,\"b\":\"x\"}", "behind row 1")]
    [InlineData("", "behind row 0")]
    public void A_json_document_that_is_no_result_is_refused(string text, string why) =>
        Assert.Contains(why, Refusal(text, ResultFileFormat.Json), StringComparison.Ordinal);

    [Theory]
    [InlineData("a,c\n1,x\n", "line 1: the header is not a,b")]
    [InlineData("a\n1\n", "line 1: the header is not a,b")]
    [InlineData("a,b,c\n1,x,2\n", "line 1: the header is not a,b")]
    [InlineData("a,b\n1\n", "line 2: there are not 2 values")]
    [InlineData("a,b\n1,x\n2,y,z\n", "line 3: there are not 2 values")]
    [InlineData("a,b\none,x\n", "line 2: the value of 'a' is no int32")]
    [InlineData("a,b\n1,\"x\n", "line 2: a quote that is not closed")]
    [InlineData("a,b\n1,\"x\"y\n", "line 2: something between")]
    [InlineData("a,b\n1,x\"y\n", "line 2: a quote inside")]
    public void Csv_that_is_no_result_is_refused(string text, string why) =>
        Assert.Contains(why, Refusal(text, ResultFileFormat.Csv), StringComparison.Ordinal);

    [Fact]
    public void Csv_tells_nothing_from_nothing_in_quotes_and_takes_line_ends_of_both_kinds()
    {
        Schema schema = new(new Field("t", new ColumnType(ValueKind.Text, true)), new Field("u", new ColumnType(ValueKind.Text, true)));

        Assert.Equal(
            ["00" + "0100000000", "01" + "01000000" + Hex("\n") + "00", "01" + "02000000" + Hex("\",") + "00"],
            Read("t,u\r\n,\"\"\r\n\"\n\",\n\"\"\",\",", ResultFileFormat.Csv, schema));
    }

    private static string Refusal(string text, ResultFileFormat format)
    {
        Schema schema = new(new Field("a", new ColumnType(ValueKind.Int32)), new Field("b", new ColumnType(ValueKind.Text)));
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        return ResultFile.Read("r", stream, format, schema, _ => { }).Failure!.Message;
    }

    private static string[] Read(string text, ResultFileFormat format, Schema schema) => Read(Encoding.UTF8.GetBytes(text), format, schema);

    private static string[] Read(byte[] bytes, ResultFileFormat format, Schema schema)
    {
        List<string> rows = [];
        using MemoryStream stream = new(bytes);
        Outcome<long> read = ResultFile.Read("r", stream, format, schema, row => rows.Add(Convert.ToHexStringLower(row)));
        Assert.Null(read.Failure);
        Assert.Equal(rows.Count, read.Value);
        return [.. rows];
    }

    private static string[] FromFile(Batch batch, RowFormat format, ResultFileFormat read)
    {
        ArrayBufferWriter<byte> writer = new();
        format.WriteHeader(batch.Schema, writer);
        format.WriteRows(batch, writer);
        return Read(writer.WrittenSpan.ToArray(), read, batch.Schema);
    }

    private static string[] FromDocument(Batch batch)
    {
        using ResultRows rows = new();
        using (ISinkWriter sink = ((IOpenableSink)rows.Sink).Open(batch.Schema, new PartitionId(0), default))
        {
            sink.Write(batch, new Round(0));
            sink.Complete();
        }

        using MemoryStream output = new();
        ResultJson.Write(output, "job", new RunReport(true, batch.Count, 0, 0, TimeSpan.FromSeconds(1), null), rows);
        return Read(output.ToArray(), ResultFileFormat.Json, batch.Schema);
    }

    private string[] FromSealed(Batch batch)
    {
        string path = Path.Join(_folder, "r.sealed");
        using Secret owner = Secret.Random(MachineEntropy.Instance);
        SealedFileSinkSpec spec = new(path, "job", () => Secret.CopyOf(owner.Bytes), MachineEntropy.Instance);
        using (ISinkWriter sink = spec.Open(batch.Schema, new PartitionId(0), default))
        {
            sink.Write(batch, new Round(0));
            sink.Complete();
        }

        using SealedFileReader reader = SealedFileReader.Open(path, File.OpenRead(path), owner).Value;
        StoredColumns columns = StoredColumns.Find(path, batch.Schema, batch.Schema).Value;
        using Batch opened = SealedGroupRows.Read(path, reader, columns, 0, 0, ColumnPool.Shared).Value;
        return RowsOf(opened);
    }

    private static string[] RowsOf(Batch batch) => [.. Enumerable.Range(0, batch.Count).Select(row =>
    {
        ArrayBufferWriter<byte> writer = new();
        BatchRows.Write(batch, row, writer);
        return Convert.ToHexStringLower(writer.WrittenSpan);
    })];

    private static Batch RandomBatch(Random random, int rows)
    {
        Schema schema = new(s_kinds.SelectMany(kind => new[] { new Field($"{kind}, \"1\"", new ColumnType(kind)), new Field($"{kind}?", new ColumnType(kind, true)) }));
        return Make(schema, [.. Enumerable.Range(0, rows).Select(_ => schema.Fields.Select(f => f.Type.Nullable && random.Next(4) == 0 ? null : Value(f.Type.Kind, random)).ToArray())]);
    }

    private static Batch Make(Schema schema, object?[][] rows)
    {
        ColumnBuilder[] builders = [.. schema.Fields.Select(f => ColumnBuilder.Create(f.Type, ColumnPool.None))];
        foreach (object?[] row in rows)
        {
            for (int c = 0; c < row.Length; c++)
            {
                builders[c].AppendObject(row[c]);
            }
        }

        return new Batch(schema, [.. builders.Select(b => b.Build())], rows.Length);
    }

    private static object Value(ValueKind kind, Random random)
    {
        long bits = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
        return unchecked(kind switch
        {
            ValueKind.Bool => random.Next(2) == 0,
            ValueKind.Int8 => (sbyte)bits,
            ValueKind.UInt8 => (byte)bits,
            ValueKind.Int16 => (short)bits,
            ValueKind.UInt16 => (ushort)bits,
            ValueKind.Int32 => (int)bits,
            ValueKind.UInt32 => (uint)bits,
            ValueKind.Int64 => bits,
            ValueKind.UInt64 => (ulong)bits,
            ValueKind.Float32 => Special(random, BitConverter.Int32BitsToSingle((int)bits), float.NaN, float.NegativeInfinity, -0f, float.Epsilon, float.MaxValue, 1e10f),
            ValueKind.Float64 => Special(random, BitConverter.Int64BitsToDouble(bits), double.NaN, double.PositiveInfinity, -0.0, double.Epsilon, double.MinValue, 1e16, 0.1, 123456789012345680.0),
            ValueKind.Decimal => Special(random, new decimal((int)bits, random.Next(), random.Next(3), random.Next(2) == 0, (byte)random.Next(29)), decimal.MaxValue, 1.500m, 0.000m, -0.0m, 100m),
            ValueKind.Text => Special(random, bits.ToString(CultureInfo.InvariantCulture), "", "a,b", "say \"x\"", "two\nlines", "ä\U0001F600", "\r\n", " ", "\0", "null", "<&+'/>", "\u2028"),
            ValueKind.Bytes => Enumerable.Range(0, random.Next(5)).Select(_ => (byte)random.Next(256)).ToArray(),
            ValueKind.DateTime => new DateTime((bits & ((1L << 61) - 1)) / (random.Next(2) == 0 ? 1 : TimeSpan.TicksPerDay) * 1, (DateTimeKind)random.Next(3)),
            ValueKind.DateTimeOffset => new DateTimeOffset(new DateTime((1L << 58) + random.NextInt64(1L << 50)), TimeSpan.FromMinutes(random.Next(-840, 841))),
            _ => (object)new TimeSpan(bits),
        });
    }

    private static T Special<T>(Random random, T value, params T[] specials) => random.Next(2) == 0 ? value : specials[random.Next(specials.Length)];

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}
