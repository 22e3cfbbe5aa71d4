using System.Buffers;
using System.Collections.Immutable;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.Stages.Tests;

public sealed class FrameCodecTests
{
    private static readonly AggregateFunction[] s_functions =
        [AggregateFunction.Count, AggregateFunction.Sum, AggregateFunction.Average, AggregateFunction.Min, AggregateFunction.Max];

    [Fact]
    public void Batches_of_every_kind_come_back_as_they_were()
    {
        Random random = new(11);
        for (int i = 0; i < 200; i++)
        {
            Field[] fields = [.. RandomColumns.Kinds.OrderBy(_ => random.Next()).Take(random.Next(1, 6)).Select((kind, f) => new Field($"c{f}", new ColumnType(kind, random.Next(2) == 0)))];
            Schema schema = new(fields);
            FrameCodec codec = new(PlanOf(schema), new EdgeId(0));
            int rows = random.Next(4) == 0 ? random.Next(3) : random.Next(200);
            using Batch batch = new(schema, [.. fields.Select(f => RandomColumns.Make(random, f.Type, rows))], rows);
            byte[] payload = Write(codec, batch);
            using Batch read = codec.Read(payload, rows).Value;
            for (int row = 0; row < rows; row++)
            {
                Assert.Equal(batch.GetRow(row), read.GetRow(row));
            }

            Assert.Equal(payload, Write(codec, read));
        }
    }

    [Fact]
    public void States_of_every_aggregate_come_back_and_give_the_same_results()
    {
        foreach ((AggregateColumn aggregate, AggregateNode node, Plan plan) in Aggregates())
        {
            FrameCodec codec = new(plan, new EdgeId(0));
            using Batch states = StatesOf(node, plan, out List<object?> expected);
            byte[] payload = Write(codec, states);
            using Batch read = codec.Read(payload, states.Count).Value;
            Assert.True(expected.SequenceEqual(Finish(node, read)), $"{aggregate.Function} of {aggregate.Argument?.Type}");
            Assert.Equal(payload, Write(codec, read));
        }
    }

    [Fact]
    public void Hostile_payloads_of_states_are_refused_or_give_states_that_can_be_merged()
    {
        Random random = new(13);
        int refused = 0;
        foreach ((_, AggregateNode node, Plan plan) in Aggregates())
        {
            FrameCodec codec = new(plan, new EdgeId(0));
            using Batch states = StatesOf(node, plan, out _);
            byte[] payload = Write(codec, states);
            for (int i = 0; i < 100; i++)
            {
                byte[] altered = [.. payload];
                for (int k = random.Next(1, 8); k > 0; k--)
                {
                    altered[random.Next(altered.Length)] = (byte)random.Next(256);
                }

                Outcome<Batch> read = codec.Read(altered, states.Count);
                if (read.Failure is { } failure)
                {
                    refused++;
                    Assert.Equal(FailureKind.Malformed, failure.Kind);
                    continue;
                }

                try
                {
                    Finish(node, read.Value);
                }
                catch (StageFailedException)
                {
                    // A sum that does not fit is a message of the stage's own.
                }

                read.Value.Dispose();
            }
        }

        Assert.True(refused > 500, $"{refused}");
    }

    [Fact]
    public void States_that_no_rows_can_make_are_refused()
    {
        (AggregateNode node, Plan plan) = Aggregate(AggregateFunction.Count, ValueKind.Int32);
        Assert.Equal("", Refusal(plan, node, "0500000000000000"));
        Assert.Contains("'$0'", Refusal(plan, node, "05000000000000ff"), StringComparison.Ordinal);
        (node, plan) = Aggregate(AggregateFunction.Max, ValueKind.Int32);
        Assert.Equal("", Refusal(plan, node, "0500000001"));
        Assert.Contains("'$0'", Refusal(plan, node, "0500000002"), StringComparison.Ordinal);
        Assert.Contains("'$0'", Refusal(plan, node, "0500000000"), StringComparison.Ordinal);
        (node, plan) = Aggregate(AggregateFunction.Sum, ValueKind.Decimal);
        Assert.Equal("", Refusal(plan, node, "00001c000000000005000000000000000100000000000000"));
        Assert.Contains("'$0'", Refusal(plan, node, "00001d000000000005000000000000000100000000000000"), StringComparison.Ordinal);

        static string Refusal(Plan plan, AggregateNode node, string state)
        {
            // One row: the key 7, and the state.
            byte[] payload = Convert.FromHexString("01000000" + "00" + "07000000" + "00" + state);
            Outcome<Batch> read = new FrameCodec(plan, new EdgeId(0)).Read(payload, 1);
            return read.Failure?.Message ?? "";
        }
    }

    [Fact]
    public void Another_number_of_rows_than_the_header_says_and_bytes_behind_the_batch_are_refused()
    {
        Schema schema = new(new Field("n", new ColumnType(ValueKind.Int32)));
        FrameCodec codec = new(PlanOf(schema), new EdgeId(0));
        using Batch batch = new(schema, [RandomColumns.Make(new Random(1), schema[0].Type, 3)], 3);
        byte[] payload = Write(codec, batch);
        Assert.Contains("it has 3 rows in 17 bytes, where 4 in 17 are expected", codec.Read(payload, 4).Failure?.Message, StringComparison.Ordinal);
        Assert.Contains("it has 3 rows in 17 bytes, where 3 in 18 are expected", codec.Read([.. payload, 0], 3).Failure?.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(AggregateColumn Aggregate, AggregateNode Node, Plan Plan)> Aggregates()
    {
        foreach (AggregateFunction function in s_functions)
        {
            foreach (ValueKind kind in RandomColumns.Kinds)
            {
                bool defined = function is AggregateFunction.Count or AggregateFunction.Min or AggregateFunction.Max || new ColumnType(kind).IsNumeric;
                if (defined)
                {
                    (AggregateNode node, Plan plan) = Aggregate(function, kind);
                    yield return (node.Aggregates[0], node, plan);
                }
            }
        }
    }

    private static (AggregateNode Node, Plan Plan) Aggregate(AggregateFunction function, ValueKind kind)
    {
        Schema schema = new(new Field("key", new ColumnType(ValueKind.Int32)), new Field("value", new ColumnType(kind, true)));
        AggregateNode node = new(
            new SourceNode(new Source(), schema),
            [new NamedExpr("key", Expr.Column(schema, "key"))],
            [new AggregateColumn("result", function, Expr.Column(schema, "value"))]);
        Plan plan = Plan.Compile(new Job("one", new SinkNode(node, new Sink())));
        return (node, plan);
    }

    /// <summary>The states of some random rows, as they cross the edge.</summary>
    private static Batch StatesOf(AggregateNode node, Plan plan, out List<object?> results)
    {
        Random random = new(17);
        AggregateColumn aggregate = node.Aggregates[0];
        Accumulator accumulator = Accumulator.Create(aggregate);
        ColumnType type = aggregate.Argument!.Type;
        const int Groups = 5;
        using Column argument = Small(random, type, 40);
        accumulator.Fold(argument, [.. Enumerable.Range(0, 40).Select(i => i % Groups)], Groups);
        ColumnBuilder keys = ColumnBuilder.Create(new ColumnType(ValueKind.Int32));
        for (int i = 0; i < Groups; i++)
        {
            keys.AppendObject(i);
        }

        Batch states = new(plan.Edges[0].Schema, [keys.Build(), accumulator.TakeStates([0, 1, 2, 3, 4])], Groups);
        results = Finish(node, states);
        return states;
    }

    /// <summary>Values whose sums fit: decimals overflow easily.</summary>
    private static Column Small(Random random, ColumnType type, int count)
    {
        ColumnBuilder builder = ColumnBuilder.Create(type);
        for (int i = 0; i < count; i++)
        {
            builder.AppendObject(random.Next(5) == 0 ? null : type.Kind == ValueKind.Decimal ? random.Next(1000) / 8m : type.IsNumeric ? random.Next(100) : RandomColumns.Value(random, type.Kind));
        }

        return builder.Build();
    }

    /// <summary>Merges each row's state twice and gives the values.</summary>
    private static List<object?> Finish(AggregateNode node, Batch batch)
    {
        AggregateStates states = new(node.Aggregates);
        using StateTable table = new(1, states.ValueSize);
        List<object?> results = [];
        for (int row = 0; row < batch.Count; row++)
        {
            byte[] key = [(byte)row];
            states.MergeRow(table, key, StateHash.Of(key), batch, row, 1);
            states.MergeRow(table, key, StateHash.Of(key), batch, row, 1);
            table.TryGet(key, StateHash.Of(key), out ReadOnlySpan<byte> value);
            ColumnBuilder builder = ColumnBuilder.Create(node.Aggregates[0].Type.AsNullable());
            states.Finish(value, [builder], 0);
            results.Add(builder.Build().GetValue(0) is var result && result is byte[] bytes ? Convert.ToHexString(bytes) : result);
        }

        return results;
    }

    private static Plan PlanOf(Schema schema) =>
        Plan.Compile(new Job("rows", new SinkNode(new SourceNode(new Source(), schema), new Sink())));

    private static byte[] Write(FrameCodec codec, Batch batch)
    {
        ArrayBufferWriter<byte> writer = new();
        codec.Write(batch, writer);
        return writer.WrittenSpan.ToArray();
    }

    private sealed class Source : SourceSpec
    {
        public override int PartitionCount => 2;

        public override string Canonical => "rows";

        public override string Description => "rows";
    }

    private sealed class Sink : SinkSpec
    {
        public override string Canonical => "rows";

        public override string Description => "rows";
    }
}
