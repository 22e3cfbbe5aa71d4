namespace Culvert.Benchmarks;

/// <summary>How benchmarks are run.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Rows or events in place of each scenario's own number; null keeps those.</summary>
    public long? Rows { get; init; }

    /// <summary>How often each contender runs, from 1. Default 5.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>Only scenarios whose name holds this.</summary>
    public string? Only { get; init; }

    /// <summary>Where to write the page; null for nowhere.</summary>
    public string? Report { get; init; }

    /// <summary>Whether to keep the page and its figures under <c>bench/results</c>.</summary>
    public bool Save { get; init; }

    /// <summary>Whether packages of peers may be fetched when they are not there.</summary>
    public bool FetchPeers { get; init; } = true;
}
