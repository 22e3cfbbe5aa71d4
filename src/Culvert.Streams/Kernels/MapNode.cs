using System.Runtime.CompilerServices;

namespace Culvert.Streams.Kernels;

/// <summary>
/// A function of one value, row by row. Where it can fail, only rows that are active and have a value are looked at.
/// </summary>
internal sealed class MapNode<TIn, TOut, TMap>(ColumnType type, KernelNode operand, FailureSite? site) : KernelNode
    where TIn : unmanaged
    where TOut : unmanaged
    where TMap : struct, IMap<TIn, TOut>
{
    internal override Column Evaluate(in Frame frame)
    {
        using FixedColumn<TIn> input = (FixedColumn<TIn>)operand.Evaluate(frame);
        int count = frame.Count;
        TOut[] result = frame.Pool.Rent<TOut>(count);
        ulong[]? rows = site is null ? null : BitLoops.And(frame.Active, input.Validity, count, frame.Pool);
        try
        {
            if (rows is null)
            {
                All(input.Values, result);
            }
            else
            {
                Some(input.Values, result, rows);
            }
        }
        catch (Exception e) when (site is not null && FailureSite.IsOfRow(e))
        {
            RowFailedException failure = Locate(input.Values, rows);
            frame.Pool.Return(result);
            throw failure;
        }
        finally
        {
            if (rows is not null)
            {
                frame.Pool.Return(rows);
            }
        }

        return new FixedColumn<TOut>(type, result, count, BitLoops.And(input.Validity, default, count, frame.Pool), frame.Pool);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void All(ReadOnlySpan<TIn> input, Span<TOut> result)
    {
        result = result[..input.Length];
        for (int i = 0; i < input.Length; i++)
        {
            result[i] = TMap.Apply(input[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Some(ReadOnlySpan<TIn> input, Span<TOut> result, ReadOnlySpan<ulong> rows)
    {
        for (int i = 0; i < input.Length; i++)
        {
            result[i] = (rows[i >> 6] >> (i & 63) & 1) != 0 ? TMap.Apply(input[i]) : default;
        }
    }

    private RowFailedException Locate(ReadOnlySpan<TIn> input, ulong[]? rows)
    {
        for (int i = 0; i < input.Length; i++)
        {
            try
            {
                _ = rows is null || Bitmap.Get(rows, i) ? TMap.Apply(input[i]) : default;
            }
            catch (Exception e) when (FailureSite.IsOfRow(e))
            {
                return site!.Fail(i, e);
            }
        }

        throw new InvariantViolationException("a row that failed fails again");
    }
}
