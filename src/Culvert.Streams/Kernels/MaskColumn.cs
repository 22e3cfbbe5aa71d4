namespace Culvert.Streams.Kernels;

/// <summary>Booleans as a bit per row: how kernels keep them. Bits beyond the last row are undefined.</summary>
internal sealed class MaskColumn : Column
{
    private ulong[] _words;

    internal MaskColumn(ulong[] words, int count, ulong[]? validity, ColumnPool pool)
        : base(new ColumnType(ValueKind.Bool, validity is not null), count, validity, pool) => _words = words;

    internal Span<ulong> Words => _words.AsSpan(0, Bitmap.WordCount(Count));

    /// <inheritdoc/>
    public override Column Gather(ReadOnlySpan<int> rows)
    {
        ulong[] words = Pool.Rent<ulong>(Bitmap.WordCount(rows.Length));
        BitLoops.Gather(_words, rows, words);
        return new MaskColumn(words, rows.Length, GatherValidity(rows), Pool);
    }

    /// <inheritdoc/>
    public override object? GetValue(int row) => IsNull(row) ? null : Bitmap.Get(_words, row);

    private protected override void ReturnArrays()
    {
        ulong[] words = _words;
        _words = [];
        Pool.Return(words);
    }
}
