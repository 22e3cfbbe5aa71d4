namespace Culvert.Streams;

/// <summary>
/// Byte sequences by number: a code per row into a dictionary whose entries are distinct and never missing. Rows
/// without a value have code 0 and a clear validity bit; the dictionary then has at least one entry all the same.
/// </summary>
public sealed class DictionaryColumn : BytesColumn
{
    private int[] _codes;
    private readonly TextColumn _dictionary;

    /// <summary>Makes a column that owns <paramref name="codes"/> and one reference to <paramref name="dictionary"/>.</summary>
    public DictionaryColumn(ColumnType type, int[] codes, TextColumn dictionary, int count, ulong[]? validity = null, ColumnPool? pool = null)
        : base(type, count, validity, pool ?? ColumnPool.Shared)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, codes.Length);
        _codes = codes;
        _dictionary = dictionary;
    }

    /// <summary>The rows' codes.</summary>
    public ReadOnlySpan<int> Codes => _codes.AsSpan(0, Count);

    /// <summary>The array behind <see cref="Codes"/>; valid while a reference is held.</summary>
    public int[] CodesArray => _codes;

    /// <summary>The distinct values.</summary>
    public TextColumn Dictionary => _dictionary;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> GetBytes(int row) => IsNull(row) ? default : _dictionary.GetBytes(_codes[row]);

    /// <inheritdoc/>
    public override Column Gather(ReadOnlySpan<int> rows)
    {
        int[] codes = Pool.Rent<int>(rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            codes[i] = _codes[rows[i]];
        }

        return new DictionaryColumn(Type, codes, (TextColumn)_dictionary.Retain(), rows.Length, GatherValidity(rows), Pool);
    }

    private protected override void ReturnArrays()
    {
        int[] codes = _codes;
        _codes = [];
        Pool.Return(codes);
        _dictionary.Dispose();
    }
}
