namespace Culvert.Benchmarks.SecureStreams;

/// <summary>The delayed flights from the plain CSV file, by Culvert or by a peer: what sealing is compared with in the end.</summary>
/// <param name="Name">Who.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Seconds">Of each run.</param>
/// <param name="Absent">Why it did not run; null when it did.</param>
public sealed record CsvRun(string Name, long Rows, IReadOnlyList<double> Seconds, string? Absent)
{
    /// <summary>Rows per second of the middle run; NaN when it did not run.</summary>
    public double RowsPerSecond => Seconds.Count == 0 ? double.NaN : Rows / Seconds.Order().ElementAt(Seconds.Count / 2);
}
