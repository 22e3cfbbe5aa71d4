using System.Collections.Immutable;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.Stages.Tests;

/// <summary>Aggregates of all kinds by a text key: two source partitions, three of keys, one sink.</summary>
internal static class TwoStageJob
{
    internal const int Rounds = 4;
    internal const int SourcePartitions = 2;
    internal const int KeyPartitions = 3;

    internal static readonly Schema Events = new(
        new Field("key", new ColumnType(ValueKind.Text)),
        new Field("n", new ColumnType(ValueKind.Int32, true)),
        new Field("x", new ColumnType(ValueKind.Float64)),
        new Field("name", new ColumnType(ValueKind.Text, true)),
        new Field("price", new ColumnType(ValueKind.Decimal)),
        new Field("at", new ColumnType(ValueKind.DateTimeOffset)));

    internal static readonly Plan Plan = Make(Protection.Open);

    internal static Plan Make(Protection protection, ImmutableArray<string>? sourceConstraints = null)
    {
        SourceNode bare = new(new Source(), Events);
        Node source = bare.With(constraints: sourceConstraints);
        AggregateNode totals = new(source, [new NamedExpr("key", Expr.Column(Events, "key"))], [
            Aggregate("count", AggregateFunction.Count, null),
            Aggregate("sum", AggregateFunction.Sum, "n"),
            Aggregate("average", AggregateFunction.Average, "x"),
            Aggregate("first", AggregateFunction.Min, "name"),
            Aggregate("prices", AggregateFunction.Sum, "price"),
            Aggregate("last", AggregateFunction.Max, "at"),
        ]);
        return Plan.Compile(new Job("totals", new SinkNode(totals, new Sink())) { KeyPartitions = KeyPartitions, Protection = protection });
    }

    /// <summary>The rows of a source partition's round, the same whenever they are asked for.</summary>
    internal static Batch Rows(int partition, int round)
    {
        Random random = new((partition * 100) + round + 1);
        int rows = random.Next(1, 30);
        ColumnBuilder[] builders = [.. Events.Fields.Select(f => ColumnBuilder.Create(f.Type))];
        for (int row = 0; row < rows; row++)
        {
            builders[0].AppendObject($"k{random.Next(12)}");
            for (int c = 1; c < builders.Length; c++)
            {
                builders[c].AppendObject(c switch
                {
                    1 when random.Next(4) == 0 => null,
                    1 => random.Next(-100, 100),
                    2 => random.NextDouble(),
                    3 when random.Next(4) == 0 => null,
                    3 => new string((char)('a' + random.Next(26)), random.Next(4)),
                    4 => (decimal)random.Next(1000) / 8,
                    _ => RandomColumns.Value(random, ValueKind.DateTimeOffset),
                });
            }
        }

        return new Batch(Events, [.. builders.Select(b => b.Build())], rows);
    }

    private static AggregateColumn Aggregate(string name, AggregateFunction function, string? column) =>
        new(name, function, column is null ? null : Expr.Column(Events, column));

    private sealed class Source : SourceSpec
    {
        public override int PartitionCount => SourcePartitions;

        public override string Canonical => "rows";

        public override string Description => "rows";
    }

    private sealed class Sink : SinkSpec
    {
        public override string Canonical => "rows";

        public override string Description => "rows";
    }
}
