namespace Culvert.Streams;

/// <summary>A step of user code at work: gets events piece by piece and hands on what comes of them.</summary>
internal abstract class RowStage<T>
{
    /// <summary>Rows handled at once: a piece of events stays in the processor's cache between steps.</summary>
    internal const int PieceRows = 1024;

    /// <summary>
    /// Takes the first <paramref name="count"/> events of an array that the caller will overwrite: it may be changed.
    /// <paramref name="origins"/> has, in ascending order, the batch's row that each comes from.
    /// </summary>
    internal abstract void Push(T[] rows, int[] origins, int count);

    private protected static RowFailedException Failed(int row, Exception error) =>
        error as RowFailedException ?? new RowFailedException(row, $"user code failed with {error.GetType().Name}: {error.Message}", error);
}

internal sealed class WhereStage<T>(Func<T, bool> predicate, RowStage<T> next) : RowStage<T>
{
    internal override void Push(T[] rows, int[] origins, int count)
    {
        int kept = 0;
        int i = 0;
        try
        {
            for (; i < count; i++)
            {
                T row = rows[i];
                rows[kept] = row;
                origins[kept] = origins[i];
                kept += predicate(row) ? 1 : 0;
            }
        }
        catch (Exception e)
        {
            throw Failed(origins[i], e);
        }

        if (kept > 0)
        {
            next.Push(rows, origins, kept);
        }
    }
}

internal sealed class SelectStage<T, TResult>(Func<T, TResult> selector, RowStage<TResult> next) : RowStage<T>
{
    private readonly TResult[] _results = new TResult[PieceRows];

    internal override void Push(T[] rows, int[] origins, int count)
    {
        int i = 0;
        try
        {
            for (; i < count; i++)
            {
                _results[i] = selector(rows[i]);
            }
        }
        catch (Exception e)
        {
            throw Failed(origins[i], e);
        }

        next.Push(_results, origins, count);
    }
}

internal sealed class SelectManyStage<T, TResult>(Func<T, IEnumerable<TResult>> selector, RowStage<TResult> next) : RowStage<T>
{
    private readonly TResult[] _results = new TResult[PieceRows];
    private readonly int[] _origins = new int[PieceRows];

    internal override void Push(T[] rows, int[] origins, int count)
    {
        int made = 0;
        for (int i = 0; i < count; i++)
        {
            IEnumerator<TResult> results = Start(rows[i], origins[i]);
            using (results)
            {
                while (Advance(results, origins[i]))
                {
                    _results[made] = results.Current;
                    _origins[made++] = origins[i];
                    if (made == PieceRows)
                    {
                        next.Push(_results, _origins, made);
                        made = 0;
                    }
                }
            }
        }

        if (made > 0)
        {
            next.Push(_results, _origins, made);
        }
    }

    private IEnumerator<TResult> Start(T row, int origin)
    {
        try
        {
            return (selector(row) ?? throw new InvalidOperationException("SelectMany's function returned null")).GetEnumerator();
        }
        catch (Exception e)
        {
            throw Failed(origin, e);
        }
    }

    private static bool Advance(IEnumerator<TResult> results, int origin)
    {
        try
        {
            return results.MoveNext();
        }
        catch (Exception e)
        {
            throw Failed(origin, e);
        }
    }
}
