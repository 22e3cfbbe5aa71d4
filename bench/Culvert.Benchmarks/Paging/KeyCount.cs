namespace Culvert.Benchmarks.Paging;

/// <summary>A result row: how many events a key had.</summary>
public record struct KeyCount(long Key, long Count);
