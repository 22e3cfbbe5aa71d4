namespace Culvert.Benchmarks.Keyed;

/// <summary>An event of the benchmarks in memory.</summary>
/// <param name="Key">From 0 up to the number of keys, evenly.</param>
/// <param name="Value">From -1,000 to 999, evenly: a filter for those above 0 keeps half, which no processor can predict.</param>
public record struct KeyedEvent(int Key, int Value);
