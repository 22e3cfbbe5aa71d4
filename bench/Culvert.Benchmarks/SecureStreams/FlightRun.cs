namespace Culvert.Benchmarks.SecureStreams;

/// <summary>One run of the delayed flights.</summary>
/// <param name="Mode">Its protection.</param>
/// <param name="Workers">Workers that share the partitions of every stage.</param>
/// <param name="Rows">Rows worked off.</param>
/// <param name="Seconds">From the start, processes included, to the result in the owner's hands.</param>
/// <param name="StartSeconds">Of these: until the first round was through.</param>
/// <param name="ProcessorSeconds">Processor time of all processes together.</param>
/// <param name="Samples">How far it had come when.</param>
public sealed record FlightRun(
    ProtectionMode Mode, int Workers, long Rows, double Seconds, double StartSeconds, double ProcessorSeconds, IReadOnlyList<ProgressSample> Samples)
{
    /// <summary>Rows per second, start-up included.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>Rows per second once the first round was through: what a longer run comes close to.</summary>
    public double SteadyRowsPerSecond => SteadyRate();

    /// <summary>Rows per second of processor time.</summary>
    public double RowsPerProcessorSecond => Rows / ProcessorSeconds;

    private double SteadyRate()
    {
        if (Samples.Count < 2 || Samples[^1].Seconds <= Samples[0].Seconds)
        {
            return RowsPerSecond;
        }

        return (Samples[^1].Rows - Samples[0].Rows) / (Samples[^1].Seconds - Samples[0].Seconds);
    }
}
