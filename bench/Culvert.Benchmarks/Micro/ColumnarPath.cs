using BenchmarkDotNet.Attributes;
using Culvert.Streams;
using Culvert.Streams.Expressions;
using Culvert.Streams.Kernels;

namespace Culvert.Benchmarks.Micro;

/// <summary>Kernels over a batch of 65,536 events; per operation, so divide by that for an event's share.</summary>
public class ColumnarPath : IDisposable
{
    private const int Rows = 65_536;

    private static readonly Schema Events = new(
        new Field("Key", new ColumnType(ValueKind.Int32)), new Field("Value", new ColumnType(ValueKind.Int64)));

    private readonly int[] _selected = new int[Rows];
    private readonly Kernel _predicate = Kernel.Compile(
        Expr.Binary(BinaryOperator.GreaterThanOrEqual, Expr.Column(Events, "Value"), Expr.Constant(50L)));

    private readonly Kernel _twice = Kernel.Compile(
        Expr.Binary(BinaryOperator.Multiply, Expr.Column(Events, "Value"), Expr.Constant(2L)));

    private Batch _batch = null!;
    private int _count;

    /// <summary>Makes the batch.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        int[] keys = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(1000))];
        long[] values = [.. Enumerable.Range(0, Rows).Select(_ => (long)random.Next(100))];
        _batch = new Batch(
            Events,
            [new FixedColumn<int>(Events[0].Type, keys, Rows, null, ColumnPool.None), new FixedColumn<long>(Events[1].Type, values, Rows, null, ColumnPool.None)],
            Rows);
        _count = _predicate.Select(_batch, _selected);
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _batch.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A predicate to the numbers of the rows that it keeps.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public int Where() => _predicate.Select(_batch, _selected);

    /// <summary>The rows kept, as a new batch of two columns.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public int Gather()
    {
        using Batch kept = _batch.Gather(_selected.AsSpan(0, _count));
        return kept.Count;
    }

    /// <summary>A new column from one.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public int Select()
    {
        using Column column = _twice.Evaluate(_batch);
        return column.Count;
    }
}
