using Culvert.Streams.Expressions;

namespace Culvert.Streams.Kernels;

/// <summary>
/// A compiled expression: gives a column for a batch, without generating code and without allocating per row. Immutable
/// and thread safe.
/// </summary>
public sealed class Kernel
{
    private readonly KernelNode _root;
    private readonly ColumnPool _pool;

    private Kernel(Expr expr, ColumnPool pool)
    {
        Expression = expr;
        _root = KernelCompiler.Compile(expr);
        _pool = pool;
    }

    /// <summary>What was compiled.</summary>
    public Expr Expression { get; }

    /// <summary>Compiles an expression. The batches given to it later have the columns that it touches, with their types.</summary>
    public static Kernel Compile(Expr expr, ColumnPool? pool = null) => new(expr, pool ?? ColumnPool.Shared);

    /// <summary>
    /// The expression's values for all rows, which the caller disposes; a plain column is shared, not copied. Throws
    /// <see cref="RowFailedException"/> with the first row that fails.
    /// </summary>
    public Column Evaluate(Batch batch)
    {
        Column result = EvaluateRoot(batch);
        if (result is MaskColumn mask)
        {
            using (mask)
            {
                return ToBools(mask);
            }
        }

        if (!result.AllValid && !batch.Columns.Contains(result))
        {
            MissingValues.Clear(result);
        }

        return result;
    }

    /// <summary>
    /// Writes the indexes of the rows where a predicate is true (null is not true), ascending, and tells how many there
    /// are. <paramref name="rows"/> has room for all rows of the batch; what lies behind the result is garbage. Throws
    /// <see cref="RowFailedException"/> with the first row that fails.
    /// </summary>
    public int Select(Batch batch, Span<int> rows)
    {
        Invariant.Holds(Expression.Type.Kind == ValueKind.Bool);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, batch.Count, nameof(rows));
        using MaskColumn mask = (MaskColumn)EvaluateRoot(batch);
        Span<ulong> words = mask.Words;
        if (!mask.AllValid)
        {
            for (int i = 0; i < words.Length; i++)
            {
                words[i] &= mask.Validity[i];
            }
        }

        return BitLoops.ToRows(words, batch.Count, rows);
    }

    private Column EvaluateRoot(Batch batch)
    {
        try
        {
            return _root.Evaluate(new Frame(batch.Columns, batch.Count, default, _pool));
        }
        catch (RowFailedException failure)
        {
            throw FirstFailure(batch, failure);
        }
    }

    /// <summary>Operators run over all rows one after the other, so the first failure seen need not be that of the first row.</summary>
    private RowFailedException FirstFailure(Batch batch, RowFailedException failure)
    {
        ulong[] active = new ulong[Bitmap.WordCount(batch.Count)];
        while (failure.Row > 0)
        {
            active.AsSpan().Clear();
            Bitmap.SetAll(active, failure.Row);
            try
            {
                _root.Evaluate(new Frame(batch.Columns, batch.Count, active, _pool)).Dispose();
                break;
            }
            catch (RowFailedException earlier) when (earlier.Row < failure.Row)
            {
                failure = earlier;
            }
        }

        return failure;
    }

    private FixedColumn<bool> ToBools(MaskColumn mask)
    {
        bool[] values = _pool.Rent<bool>(mask.Count);
        Span<ulong> words = mask.Words;
        for (int i = 0; !mask.AllValid && i < words.Length; i++)
        {
            words[i] &= mask.Validity[i];
        }

        BitLoops.ToBools(words, values.AsSpan(0, mask.Count));
        return new FixedColumn<bool>(Expression.Type, values, mask.Count, BitLoops.And(mask.Validity, default, mask.Count, _pool), _pool);
    }
}
