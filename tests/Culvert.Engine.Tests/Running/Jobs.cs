using System.Collections.Immutable;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.Engine.Tests;

/// <summary>Jobs that several tests run, put together from nodes.</summary>
internal static class Jobs
{
    internal static readonly ColumnType Text = new(ValueKind.Text);
    internal static readonly ColumnType NullableInt = new(ValueKind.Int32, true);

    internal static Job DelayedFlights(SourceSpec source, SinkSpec sink)
    {
        SourceNode flights = new(source, new Schema(new Field("UniqueCarrier", Text), new Field("ArrDelay", NullableInt)));
        Expr delay = Expr.Column(flights.Schema, "ArrDelay");
        WhereNode late = new(flights, Expr.Binary(BinaryOperator.GreaterThan, delay, Expr.Constant(0)));
        AggregateNode byCarrier = new(
            late,
            [new NamedExpr("carrier", Expr.Column(flights.Schema, "UniqueCarrier"))],
            [
                new AggregateColumn("delayed", AggregateFunction.Count, null),
                new AggregateColumn("total", AggregateFunction.Sum, delay),
                new AggregateColumn("average", AggregateFunction.Average, delay),
            ]);
        return new Job("delayed-flights", new SinkNode(byCarrier, sink));
    }

    internal static CsvSourceSpec Csv(string path, long splitBytes = 2 << 20, int partitions = 8) => new(new CsvSourceSettings
    {
        Inputs = [path],
        SplitBytes = splitBytes,
        PartitionCount = partitions,
        Csv = new CsvOptions { Missing = ["", "NA"] },
    });

    internal static async Task<(RunReport Report, string[] Rows)> RunAsync(Func<SinkSpec, Job> job, RunOptions? options = null)
    {
        using ResultRows result = new();
        Plan plan = Plan.Compile(job(result.Sink));
        await using LocalRun run = await LocalRun.StartAsync(plan, options ?? new RunOptions { Workers = 2 }, TestContext.Current.CancellationToken);
        RunReport report = await run.Completion;
        return (report, [.. result.Sorted().Select(r => string.Join(",", r.Batch.GetRow(r.Row).Select(v => v is null ? "" : ValueText.Format(v))))]);
    }
}
