namespace Culvert.Streams;

/// <summary>What is computed over the events of a group. The numbers are part of the canonical plan and never change.</summary>
public enum AggregateFunction : byte
{
    /// <summary>Rows; with an argument, the rows for which it is true (bool) or not missing.</summary>
    Count = 1,

    /// <summary>Whole numbers: exact, refused when the sum does not fit 64 bits. Floating point: folded in order. Of nothing: 0.</summary>
    Sum = 2,

    /// <summary>The least value; missing for none.</summary>
    Min = 3,

    /// <summary>The greatest value; missing for none.</summary>
    Max = 4,

    /// <summary>The mean (decimal for decimals, else a double); missing for none.</summary>
    Average = 5,
}
