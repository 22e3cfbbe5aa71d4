using System.Text;

namespace Culvert.Streams;

/// <summary>A column of byte sequences: text (UTF-8, or what a file held instead) or bytes.</summary>
public abstract class BytesColumn : Column
{
    private protected BytesColumn(ColumnType type, int count, ulong[]? validity, ColumnPool pool)
        : base(type, count, validity, pool)
    {
    }

    /// <summary>The bytes of a row; empty where the value is missing.</summary>
    public abstract ReadOnlySpan<byte> GetBytes(int row);

    /// <inheritdoc/>
    public override object? GetValue(int row) =>
        IsNull(row) ? null
        : Type.Kind == ValueKind.Text ? Encoding.UTF8.GetString(GetBytes(row))
        : GetBytes(row).ToArray();
}
