namespace Culvert.Benchmarks;

/// <summary>What one contender took.</summary>
/// <param name="Name">The contender.</param>
/// <param name="Role">What it is to the comparison.</param>
/// <param name="Seconds">Wall time of each run, in order.</param>
/// <param name="ProcessorSeconds">Processor time of each run, all threads and child processes together.</param>
/// <param name="Absent">Why it did not run; null when it did.</param>
public sealed record Measurement(
    string Name, ContenderRole Role, IReadOnlyList<double> Seconds, IReadOnlyList<double> ProcessorSeconds, string? Absent)
{
    /// <summary>The part of the scenario's work that it did.</summary>
    public double Share { get; init; } = 1;

    /// <summary>What else its runs showed, the worst of each.</summary>
    public IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>The middle run's wall time; NaN when it did not run.</summary>
    public double Median => MedianOf(Seconds);

    /// <summary>The middle of the processor times.</summary>
    public double ProcessorMedian => MedianOf(ProcessorSeconds);

    /// <summary>The fastest run.</summary>
    public double Fastest => Seconds.DefaultIfEmpty(double.NaN).Min();

    /// <summary>The slowest run.</summary>
    public double Slowest => Seconds.DefaultIfEmpty(double.NaN).Max();

    private static double MedianOf(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            return double.NaN;
        }

        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>A scenario's measurements.</summary>
public sealed record ScenarioResult(
    string Name, string Title, string Against, double Work, string Unit, IReadOnlyList<Measurement> Measurements)
{
    /// <summary>Work per second of wall time, in the scenario's unit.</summary>
    public double Rate(Measurement measurement) => Work * measurement.Share / measurement.Median;

    /// <summary>Work per second of processor time: what one core does, however many there are and whatever else they do.</summary>
    public double RatePerCore(Measurement measurement) => Work * measurement.Share / measurement.ProcessorMedian;

    /// <summary>How many times as fast as the named contender; NaN when one of them did not run.</summary>
    public double Ratio(Measurement measurement) =>
        Measurements.FirstOrDefault(other => other.Name == Against) is { } against ? Rate(measurement) / Rate(against) : double.NaN;
}
