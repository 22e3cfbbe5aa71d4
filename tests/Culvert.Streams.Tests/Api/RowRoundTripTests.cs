using System.Text;

namespace Culvert.Streams.Tests.Api;

public class RowRoundTripTests
{
    public enum Level : short
    {
        Low = -1,
        High = 300,
    }

    public record Everything(
        bool Flag, sbyte I8, byte U8, short I16, ushort U16, int I32, uint U32, long I64, ulong U64, float F32, double F64,
        decimal Money, string Text, byte[] Bytes, DateTime At, DateTimeOffset Zoned, TimeSpan Took, Level Level);

    public record Optional(int? Count, string? Text, byte[]? Bytes, double? Ratio, Level? Level, DateTime? At, decimal? Money);

    public record struct Reading(int Sensor, double Value);

    public sealed class Settable
    {
        public int A { get; set; }

        public string B { get; init; } = "";

        [Column("c_column")]
        public long? C { get; set; }

        public int Computed => A * 2;
    }

    [Fact]
    public void EveryTypeOfMemberSurvivesWritingAndReading()
    {
        ulong seed = 7;
        Everything[] rows = [.. Enumerable.Range(0, 3000).Select(_ => MakeEverything(ref seed))];
        using Batch batch = new RowWriter<Everything>().Write(rows);
        Everything[] read = new RowReader<Everything>(batch.Schema).ReadAll(batch);
        Assert.Equal(rows.Length, read.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.True(rows[i].Bytes.AsSpan().SequenceEqual(read[i].Bytes), $"row {i}");
            Assert.Equal(rows[i] with { Bytes = read[i].Bytes }, read[i]);
        }
    }

    [Fact]
    public void MissingValuesSurviveInEveryCombinationAlsoOverSeveralAppends()
    {
        ulong seed = 99;
        Optional[] rows = [.. Enumerable.Range(0, 5000).Select(_ => MakeOptional(ref seed))];
        RowWriter<Optional> writer = new();
        for (int start = 0; start < rows.Length; start += 700)
        {
            Optional[] piece = rows[start..Math.Min(rows.Length, start + 700)];
            writer.Append(piece, piece.Length);
        }

        using Batch batch = writer.Build();
        Optional[] read = new RowReader<Optional>(batch.Schema).ReadAll(batch);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.Equal(rows[i].Bytes is null, read[i].Bytes is null);
            Assert.Equal(rows[i] with { Bytes = read[i].Bytes }, read[i]);
        }
    }

    [Fact]
    public void ClassesWithSettersAreFilledAndWhatTheyComputeIsNoColumn()
    {
        Settable[] rows = [new() { A = 3, B = "x", C = null }, new() { A = 4, B = "y", C = 5 }];
        using Batch batch = new RowWriter<Settable>().Write(rows);
        Assert.Equal("A: int32, B: text, c_column: int64?", batch.Schema.ToString());
        Settable[] read = new RowReader<Settable>(batch.Schema).ReadAll(batch);
        Assert.Equal([6, 8], read.Select(r => r.Computed));
        Assert.Equal([null, 5L], read.Select(r => r.C));
    }

    [Fact]
    public void TuplesAnonymousTypesAndValuesAreEventsToo()
    {
        AssertRoundTrip([(1, "a"), (2, null!)], "Item1: int32, Item2: text?");
        AssertRoundTrip([new { A = 1, B = (string?)"a" }, new { A = 2, B = (string?)null }], "A: int32, B: text?");
        AssertRoundTrip([1, 2, 3], "value: int32");
        AssertRoundTrip<int?>([1, null, 3], "value: int32?");
        AssertRoundTrip(["a", null!, "ccccccccccccc"], "value: text?");
        AssertRoundTrip([Level.High, Level.Low], "value: int16");
        AssertRoundTrip([new Reading(1, 2.5), new Reading(2, double.NaN)], "Sensor: int32, Value: float64");
    }

    [Fact]
    public void ADictionaryEntryBecomesOneStringHoweverManyRowsHaveIt()
    {
        TextColumnBuilder entries = new(new ColumnType(ValueKind.Text));
        entries.Append("a value of more than eight bytes");
        entries.Append("never used");
        int[] codes = ColumnPool.Shared.Rent<int>(100);
        codes.AsSpan().Clear();
        DictionaryColumn column = new(new ColumnType(ValueKind.Text), codes, (TextColumn)entries.Build(), 100);
        using Batch batch = new(new Schema(new Field("value", column.Type)), [column], 100);
        string[] read = new RowReader<string>(batch.Schema).ReadAll(batch);
        Assert.All(read, text => Assert.Same(read[0], text));
        Assert.Equal("a value of more than eight bytes", read[0]);
    }

    [Fact]
    public void InvalidUtf8IsReadAsReplacementCharacters()
    {
        TextColumnBuilder builder = new(new ColumnType(ValueKind.Text));
        builder.Append([(byte)'a', 0xFF, (byte)'b']);
        using Batch batch = new(new Schema(new Field("value", builder.Type)), [builder.Build()], 1);
        Assert.Equal("a\uFFFDb", new RowReader<string>(batch.Schema).ReadAll(batch)[0]);
    }

    [Fact]
    public void AMissingValueWithoutAPlaceFailsItsRow()
    {
        using Batch batch = new RowWriter<int?>().Write([1, 2, null]);
        RowFailedException failed = Assert.Throws<RowFailedException>(() => new RowReader<int>(batch.Schema).ReadAll(batch));
        Assert.Equal(2, failed.Row);
        Assert.Contains("'value' has no value", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANullEventOrTextFailsItsRowAndTheWriterGoesOn()
    {
        RowWriter<Optional> events = new();
        Assert.Equal(1, Assert.Throws<RowFailedException>(() => events.Append([new(null, null, null, null, null, null, null), null!], 2)).Row);
        events.Append(new Optional(1, null, null, null, null, null, null));
        using Batch batch = events.Build();
        Assert.Equal(1, batch.GetRow(0)[0]);

        RowWriter<Settable> texts = new();
        RowFailedException failed = Assert.Throws<RowFailedException>(() => texts.Append([new(), new() { B = null! }], 2));
        Assert.Equal(1, failed.Row);
        Assert.Contains("'B'", failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, texts.Count);
    }

    [Fact]
    public void AMissingColumnAndAnotherKindAreRefusedByName()
    {
        Assert.Contains("'Sensor'", Assert.Throws<JobDefinitionException>(() => new RowReader<Reading>(new Schema())).Message, StringComparison.Ordinal);
        Schema other = new(new Field("Sensor", new ColumnType(ValueKind.Text)), new Field("Value", new ColumnType(ValueKind.Float64)));
        Assert.Contains("'Sensor' is text", Assert.Throws<JobDefinitionException>(() => new RowReader<Reading>(other)).Message, StringComparison.Ordinal);
    }

    private static void AssertRoundTrip<T>(T[] rows, string schema)
    {
        Assert.Equal(schema, RowShape<T>.Instance.Schema.ToString());
        using Batch batch = new RowWriter<T>().Write(rows);
        Assert.Equal(rows, new RowReader<T>(batch.Schema).ReadAll(batch));
    }

    private static ulong Next(ref ulong seed)
    {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        return seed ^= seed << 17;
    }

    private static string MakeText(ulong bits) => new string((char)('a' + bits % 26), (int)(bits >> 8) & 15) + ((bits & 64) != 0 ? "é" : "");

    private static Everything MakeEverything(ref ulong seed)
    {
        ulong n = Next(ref seed);
        return new Everything(
            (n & 1) != 0, (sbyte)n, (byte)n, (short)n, (ushort)n, (int)n, (uint)n, (long)n, n, (float)n / 3, BitConverter.UInt64BitsToDouble(n),
            (decimal)n / 100, MakeText(n), Encoding.UTF8.GetBytes(MakeText(n >> 3)), new DateTime((long)(n % 3_000_000_000_000_000_000), DateTimeKind.Utc),
            new DateTimeOffset((long)(n % 3_000_000_000_000_000_000), TimeSpan.Zero), TimeSpan.FromTicks((long)n), (n & 2) != 0 ? Level.High : Level.Low);
    }

    private static Optional MakeOptional(ref ulong seed)
    {
        ulong n = Next(ref seed);
        return new Optional(
            (n & 1) != 0 ? (int)n : null, (n & 2) != 0 ? MakeText(n) : null, (n & 4) != 0 ? [(byte)n] : null, (n & 8) != 0 ? n / 7.0 : null,
            (n & 16) != 0 ? Level.High : null, (n & 32) != 0 ? new DateTime((long)(n % 1_000_000_000_000)) : null, (n & 64) != 0 ? n : null);
    }
}
