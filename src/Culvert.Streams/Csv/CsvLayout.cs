namespace Culvert.Streams;

/// <summary>Where the wanted columns stand in one file.</summary>
public sealed class CsvLayout
{
    /// <summary>Makes a layout: <paramref name="ordinals"/> gives, for each wanted column, its place among the file's fields.</summary>
    public CsvLayout(int fieldCount, params int[] ordinals)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fieldCount, 1);
        foreach (int ordinal in ordinals)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)ordinal, (uint)fieldCount, nameof(ordinals));
        }

        FieldCount = fieldCount;
        Ordinals = ordinals;
    }

    /// <summary>Fields in each row of the file.</summary>
    public int FieldCount { get; }

    /// <summary>For each wanted column, its place among the file's fields, from 0.</summary>
    public IReadOnlyList<int> Ordinals { get; }
}
