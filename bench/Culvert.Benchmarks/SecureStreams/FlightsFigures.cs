namespace Culvert.Benchmarks.SecureStreams;

/// <summary>All runs of the delayed flights, and the parts from which their speed can be predicted.</summary>
/// <param name="FileRows">Rows of the file.</param>
/// <param name="Times">How often a run was given it.</param>
/// <param name="SealedBytesPerRow">Sealed bytes of the columns that the query reads, per row.</param>
/// <param name="Runs">Every counted run, in the order in which they ran.</param>
/// <param name="FromCsv">The plain file.</param>
/// <param name="DecryptedBytesPerSecond">By one thread, in pieces as long as a row group's two columns on average.</param>
/// <param name="CopiedInBytesPerSecond">Through the boundary, in chunks about as long as a row group's columns.</param>
/// <param name="CopiedInMemoryBytesPerSecond">Within a process, in the same chunks.</param>
public sealed record FlightsFigures(
    long FileRows,
    int Times,
    double SealedBytesPerRow,
    IReadOnlyList<FlightRun> Runs,
    IReadOnlyList<CsvRun> FromCsv,
    double DecryptedBytesPerSecond,
    double CopiedInBytesPerSecond,
    double CopiedInMemoryBytesPerSecond)
{
    /// <summary>The numbers of workers that ran.</summary>
    public IReadOnlyList<int> Workers => [.. Runs.Select(r => r.Workers).Distinct().Order()];

    /// <summary>The runs of a mode and a number of workers.</summary>
    public IReadOnlyList<FlightRun> Of(ProtectionMode mode, int workers) => [.. Runs.Where(r => r.Mode == mode && r.Workers == workers)];

    /// <summary>The middle of what such runs did by some measure.</summary>
    public double Median(ProtectionMode mode, int workers, Func<FlightRun, double> measure)
    {
        double[] sorted = [.. Of(mode, workers).Select(measure).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Steady rows per second that 1/(1/open + 1/AES + 1/copy) gives for so many workers.</summary>
    public double Predicted(ProtectionMode mode, int workers)
    {
        double open = Median(ProtectionMode.Open, workers, r => r.SteadyRowsPerSecond);
        double threads = Math.Min(workers, Environment.ProcessorCount);
        double copy = mode == ProtectionMode.Enclave ? CopiedInBytesPerSecond : CopiedInMemoryBytesPerSecond;
        return mode == ProtectionMode.Open
            ? open
            : 1 / ((1 / open) + (SealedBytesPerRow / (threads * DecryptedBytesPerSecond)) + (SealedBytesPerRow / (threads * copy)));
    }

    /// <summary>What was measured of what was predicted.</summary>
    public double OfPredicted(ProtectionMode mode, int workers) =>
        Median(mode, workers, r => r.SteadyRowsPerSecond) / Predicted(mode, workers);

    /// <summary>Steady rows per second to those of the open mode with as many workers.</summary>
    public double OfOpen(ProtectionMode mode, int workers) =>
        Median(mode, workers, r => r.SteadyRowsPerSecond) / Median(ProtectionMode.Open, workers, r => r.SteadyRowsPerSecond);
}
