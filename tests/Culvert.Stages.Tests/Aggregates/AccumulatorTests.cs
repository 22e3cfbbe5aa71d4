using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.Stages.Tests;

public sealed class AccumulatorTests
{
    private static readonly AggregateFunction[] Functions =
        [AggregateFunction.Count, AggregateFunction.Sum, AggregateFunction.Min, AggregateFunction.Max, AggregateFunction.Average];

    [Fact]
    public void StatesFoldedInPiecesAndMergedGiveWhatOneLoopOverTheRowsGives()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            ValueKind kind = RandomColumns.Kinds[random.Next(RandomColumns.Kinds.Length)];
            AggregateFunction function = Functions[random.Next(Functions.Length)];
            ColumnType type = new(kind, random.Next(2) == 0);
            if (kind == ValueKind.Decimal && function is (AggregateFunction.Sum or AggregateFunction.Average))
            {
                continue; // the greatest decimals overflow on the way: their sums have a test of their own
            }

            AggregateColumn column;
            try
            {
                column = new AggregateColumn("a", function, Expr.Column(0, "v", type));
            }
            catch (ArgumentException)
            {
                continue; // a sum of texts, say
            }

            AggregateStates states = new([column]);
            using StateTable table = new(0, states.ValueSize);
            List<object?> all = [];
            int batches = random.Next(1, 5);
            for (int b = 0; b < batches; b++)
            {
                using Column values = RandomColumns.Make(random, type, random.Next(1, 40));
                all.AddRange(Enumerable.Range(0, values.Count).Select(values.GetValue));
                Accumulator accumulator = states.Accumulators[0];
                accumulator.Fold(values, new int[values.Count], 1);
                using Batch partial = new(new Schema(new Field("$0", accumulator.StateType)), [accumulator.TakeStates([0])], 1);
                accumulator.Clear();
                states.MergeRow(table, [0], StateHash.Of([0]), partial, 0, 0);
            }

            object? expected = Naive(function, kind, all, out bool fits);
            ColumnBuilder builder = ColumnBuilder.Create(column.Type.AsNullable());
            Assert.True(table.TryGet([0], StateHash.Of([0]), out ReadOnlySpan<byte> value));
            if (!fits)
            {
                byte[] copy = value.ToArray();
                Assert.Throws<StageFailedException>(() => states.Finish(copy, [builder], 0));
                continue;
            }

            states.Finish(value, [builder], 0);
            using Column result = builder.Build();
            Assert.True(Equals(expected, result.GetValue(0)) || Close(expected, result.GetValue(0)), $"seed {seed}: {function} of {type}: {expected} and {result.GetValue(0)}");
        }
    }

    [Fact]
    public void ASumThatOverflowsOnTheWayIsExactIfItFitsInTheEnd()
    {
        Assert.Equal(5L, Sum(long.MaxValue, long.MaxValue, -long.MaxValue, -long.MaxValue, 5));
        Assert.Equal(long.MinValue, Sum(long.MinValue, long.MaxValue, 1, long.MinValue, long.MaxValue, -long.MaxValue));
        StageFailedException refused = Assert.Throws<StageFailedException>(() => Sum(long.MaxValue, 1));
        Assert.Contains("9223372036854775808", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SumsOfDecimalsAreDotNetsAndRefuseWhatDoesNotFit()
    {
        Assert.Equal(3.75m, SumOf(1.50m, 2.25m));
        Assert.Throws<StageFailedException>(() => SumOf(decimal.MaxValue, 1m));
    }

    private static object? SumOf(params decimal[] values)
    {
        ColumnType type = new(ValueKind.Decimal);
        Accumulator sum = Accumulator.Create(new AggregateColumn("s", AggregateFunction.Sum, Expr.Column(0, "v", type)));
        using FixedColumn<decimal> column = new(type, [.. values], values.Length);
        sum.Fold(column, new int[values.Length], 1);
        using Column states = sum.TakeStates([0]);
        byte[] state = new byte[sum.StateBytes];
        sum.MergeRow(state, states, 0);
        FixedColumnBuilder<decimal> builder = new(type);
        sum.Finish(state, builder);
        using Column result = builder.Build();
        return result.GetValue(0);
    }

    private static long Sum(params long[] values)
    {
        ColumnType type = new(ValueKind.Int64);
        AggregateStates states = new([new AggregateColumn("s", AggregateFunction.Sum, Expr.Column(0, "v", type))]);
        using StateTable table = new(0, states.ValueSize);
        using FixedColumn<long> column = new(type, [.. values], values.Length);
        states.Accumulators[0].Fold(column, new int[values.Length], 1);
        using Batch partial = new(new Schema(new Field("$0", new ColumnType(ValueKind.State))), [states.Accumulators[0].TakeStates([0])], 1);
        states.MergeRow(table, [0], StateHash.Of([0]), partial, 0, 0);
        table.TryGet([0], StateHash.Of([0]), out ReadOnlySpan<byte> value);
        FixedColumnBuilder<long> builder = new(type);
        states.Finish(value, [builder], 0);
        using Column result = builder.Build();
        return (long)result.GetValue(0)!;
    }

    private static object? Naive(AggregateFunction function, ValueKind kind, List<object?> all, out bool fits)
    {
        fits = true;
        object[] present = [.. all.OfType<object>()];
        switch (function)
        {
            case AggregateFunction.Count:
                return kind == ValueKind.Bool ? present.LongCount(v => (bool)v) : present.LongLength;
            case AggregateFunction.Min or AggregateFunction.Max:
                object? best = null;
                foreach (object value in present)
                {
                    int order = best is null ? 0 : CompareValues(value, best);
                    best = best is null || (function == AggregateFunction.Min ? order < 0 : order > 0) ? value : best;
                }

                return best;
            default:
                bool average = function == AggregateFunction.Average;
                if (average && present.Length == 0)
                {
                    return null;
                }

                if (kind is ValueKind.Float32 or ValueKind.Float64)
                {
                    double sum = present.Sum(v => Convert.ToDouble(v, null));
                    return average ? sum / present.Length : sum;
                }

                Int128 exact = 0;
                foreach (object value in present)
                {
                    exact += value is ulong u ? u : Convert.ToInt64(value, null);
                }

                fits = average || (exact >= long.MinValue && exact <= long.MaxValue);
                return average ? (double)exact / present.Length : fits ? (long)exact : null;
        }
    }

    private static int CompareValues(object a, object b) => (a, b) switch
    {
        (string x, string y) => System.Text.Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(y)),
        (byte[] x, byte[] y) => x.AsSpan().SequenceCompareTo(y),
        _ => ((IComparable)a).CompareTo(b),
    };

    private static bool Close(object? a, object? b) => (a, b) switch
    {
        (byte[] x, byte[] y) => x.AsSpan().SequenceEqual(y),
        (double x, double y) => Math.Abs(x - y) <= 1e-9 * Math.Max(Math.Abs(x), Math.Abs(y)),
        _ => false,
    };
}
