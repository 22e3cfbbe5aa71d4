namespace Culvert.Benchmarks.Paging;

/// <summary>An event: its key and no more.</summary>
public record struct KeyNumber(long Key);
