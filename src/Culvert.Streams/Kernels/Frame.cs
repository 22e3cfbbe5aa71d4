using System.Runtime.InteropServices;

namespace Culvert.Streams.Kernels;

/// <summary>What a kernel is evaluated over: columns, and the rows that matter.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly ref struct Frame(ReadOnlySpan<Column> columns, int count, ReadOnlySpan<ulong> active, ColumnPool pool, Column? substitute = null)
{
    private readonly ReadOnlySpan<Column> _columns = columns;
    private readonly Column? _substitute = substitute;

    /// <summary>Rows.</summary>
    internal readonly int Count = count;

    /// <summary>A bit per row that may fail; empty when all may. Other rows' values are left undefined and are not looked at.</summary>
    internal readonly ReadOnlySpan<ulong> Active = active;

    /// <summary>Where results are rented.</summary>
    internal readonly ColumnPool Pool = pool;

    /// <summary>A column; under a dictionary's evaluation the one column there is, whatever the index.</summary>
    internal Column Column(int index) => _substitute ?? _columns[index];

    /// <summary>The column's own, outside any dictionary's evaluation.</summary>
    internal bool IsSubstituted => _substitute is not null;

    /// <summary>The same columns with other active rows.</summary>
    internal Frame With(ReadOnlySpan<ulong> active) => new(_columns, Count, active, Pool, _substitute);
}
