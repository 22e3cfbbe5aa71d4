namespace Culvert.Streams;

/// <summary>
/// What can be computed over the events of a group. It is only written inside a lambda given to <c>Aggregate</c>, which is
/// read and never run. Sums of whole numbers are exact, and refused where they do not fit 64 bits; functions that are given
/// nullable values leave out those that are missing.
/// </summary>
public interface IAggregates<T>
{
    /// <summary>How many events there are.</summary>
    long Count();

    /// <summary>For how many events the predicate is true.</summary>
    long Count(Func<T, bool> predicate);

    long Sum(Func<T, int> selector);

    long Sum(Func<T, int?> selector);

    long Sum(Func<T, long> selector);

    long Sum(Func<T, long?> selector);

    long Sum(Func<T, ulong> selector);

    /// <summary>The sum as a double, folded in the events' order.</summary>
    double Sum(Func<T, float> selector);

    double Sum(Func<T, float?> selector);

    double Sum(Func<T, double> selector);

    double Sum(Func<T, double?> selector);

    decimal Sum(Func<T, decimal> selector);

    decimal Sum(Func<T, decimal?> selector);

    double Average(Func<T, int> selector);

    /// <summary>The mean of the values that are there; null when none is.</summary>
    double? Average(Func<T, int?> selector);

    double Average(Func<T, long> selector);

    double? Average(Func<T, long?> selector);

    double Average(Func<T, ulong> selector);

    double Average(Func<T, float> selector);

    double? Average(Func<T, float?> selector);

    double Average(Func<T, double> selector);

    double? Average(Func<T, double?> selector);

    decimal Average(Func<T, decimal> selector);

    decimal? Average(Func<T, decimal?> selector);

    /// <summary>The least value, of any type that a column can hold; null when there is none.</summary>
    TValue Min<TValue>(Func<T, TValue> selector);

    /// <summary>The greatest value, of any type that a column can hold; null when there is none.</summary>
    TValue Max<TValue>(Func<T, TValue> selector);
}
