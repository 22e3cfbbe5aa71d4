using System.Runtime.CompilerServices;

namespace Culvert.Streams.Kernels;

/// <summary>
/// A function of two values, row by row. Where it can fail, only rows that are active and have both values are looked at.
/// </summary>
internal sealed class MapTwoNode<TLeft, TRight, TOut, TMap>(ColumnType type, Operand<TLeft> left, Operand<TRight> right, FailureSite? site) : KernelNode
    where TLeft : unmanaged
    where TRight : unmanaged
    where TOut : unmanaged
    where TMap : struct, IMap<TLeft, TRight, TOut>
{
    internal override Column Evaluate(in Frame frame)
    {
        using FixedColumn<TLeft>? a = left.Evaluate(frame);
        using FixedColumn<TRight>? b = right.Evaluate(frame);
        int count = frame.Count;
        TOut[] result = frame.Pool.Rent<TOut>(count);
        ulong[]? validity = BitLoops.And(a is null ? default : a.Validity, b is null ? default : b.Validity, count, frame.Pool);
        ulong[]? rows = site is null ? null : BitLoops.And(frame.Active, validity, count, frame.Pool);
        ReadOnlySpan<TLeft> lefts = a is null ? default : a.Values;
        ReadOnlySpan<TRight> rights = b is null ? default : b.Values;
        try
        {
            Run(lefts, rights, result.AsSpan(0, count), rows);
        }
        catch (Exception e) when (site is not null && FailureSite.IsOfRow(e))
        {
            RowFailedException failure = Locate(lefts, rights, count, rows);
            frame.Pool.Return(result);
            if (validity is not null)
            {
                frame.Pool.Return(validity);
            }

            throw failure;
        }
        finally
        {
            if (rows is not null)
            {
                frame.Pool.Return(rows);
            }
        }

        return new FixedColumn<TOut>(type, result, count, validity, frame.Pool);
    }

    private void Run(ReadOnlySpan<TLeft> lefts, ReadOnlySpan<TRight> rights, Span<TOut> result, ulong[]? rows)
    {
        if (rows is not null)
        {
            Some(lefts, left.Constant, rights, right.Constant, result, rows);
        }
        else if (right.IsConstant)
        {
            ColumnConstant(lefts, right.Constant, result);
        }
        else if (left.IsConstant)
        {
            ConstantColumn(left.Constant, rights, result);
        }
        else
        {
            ColumnColumn(lefts, rights, result);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnColumn(ReadOnlySpan<TLeft> a, ReadOnlySpan<TRight> b, Span<TOut> result)
    {
        b = b[..a.Length];
        result = result[..a.Length];
        for (int i = 0; i < a.Length; i++)
        {
            result[i] = TMap.Apply(a[i], b[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnConstant(ReadOnlySpan<TLeft> a, TRight b, Span<TOut> result)
    {
        result = result[..a.Length];
        for (int i = 0; i < a.Length; i++)
        {
            result[i] = TMap.Apply(a[i], b);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ConstantColumn(TLeft a, ReadOnlySpan<TRight> b, Span<TOut> result)
    {
        result = result[..b.Length];
        for (int i = 0; i < b.Length; i++)
        {
            result[i] = TMap.Apply(a, b[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Some(ReadOnlySpan<TLeft> a, TLeft x, ReadOnlySpan<TRight> b, TRight y, Span<TOut> result, ReadOnlySpan<ulong> rows)
    {
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = (rows[i >> 6] >> (i & 63) & 1) != 0
                ? TMap.Apply(a.IsEmpty ? x : a[i], b.IsEmpty ? y : b[i])
                : default;
        }
    }

    private RowFailedException Locate(ReadOnlySpan<TLeft> a, ReadOnlySpan<TRight> b, int count, ulong[]? rows)
    {
        for (int i = 0; i < count; i++)
        {
            try
            {
                _ = rows is null || Bitmap.Get(rows, i)
                    ? TMap.Apply(a.IsEmpty ? left.Constant : a[i], b.IsEmpty ? right.Constant : b[i])
                    : default;
            }
            catch (Exception e) when (FailureSite.IsOfRow(e))
            {
                return site!.Fail(i, e);
            }
        }

        throw new InvariantViolationException("a row that failed fails again");
    }
}
