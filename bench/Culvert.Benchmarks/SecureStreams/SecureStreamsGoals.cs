using System.Globalization;
using Culvert.Benchmarks.Paging;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>What was asked for, and what was measured of it.</summary>
internal static class SecureStreamsGoals
{
    /// <summary>The frames that the goal is about.</summary>
    private const int GoalPayloadBytes = 256 << 10;

    internal static IReadOnlyList<SecureStreamsGoal> Of(SecureStreamsFigures figures)
    {
        FlightsFigures flights = figures.Flights;
        List<SecureStreamsGoal> goals = [];
        if (figures.Sealing.FirstOrDefault(s => s.PayloadBytes == GoalPayloadBytes) is { } sealing)
        {
            goals.Add(AtLeast("Sealing and opening 256 KB frames, to AesGcm alone", 0.9, sealing.Ratio));
        }

        // With one worker nothing competes for two cores: what its path costs is seen best.
        int workers = flights.Workers[0];
        foreach (ProtectionMode mode in new[] { ProtectionMode.Sealed, ProtectionMode.Enclave })
        {
            goals.Add(AtLeast($"{mode}, {workers} worker, to what 1/(1/open + 1/AES + 1/copy) predicts", 0.9, flights.OfPredicted(mode, workers)));
        }

        double enclave = flights.Workers.Max(w => flights.Median(ProtectionMode.Enclave, w, r => r.SteadyRowsPerSecond));
        double open = flights.Workers.Max(w => flights.Median(ProtectionMode.Open, w, r => r.SteadyRowsPerSecond));
        goals.Add(AtLeast("Enclave from a sealed file of all columns, to open from parsed columns, each at its best number of workers", 0.7, enclave / open));
        if (flights.FromCsv.FirstOrDefault(c => c.Name.StartsWith("polars", StringComparison.Ordinal)) is { Absent: null } polars)
        {
            double whole = flights.Workers.Max(w => flights.Median(ProtectionMode.Enclave, w, r => r.RowsPerSecond));
            goals.Add(AtLeast("Enclave, start-up included, to polars on the plain CSV file", 1, whole / polars.RowsPerSecond));
        }

        goals.Add(AtMost("A crossing while busy: half of a round trip", 1000, figures.Boundary.RoundTripNanoseconds / 2, "ns"));
        EnclaveStartFigure start = figures.Starts[0];
        goals.Add(AtMost($"An enclave's start until its hello ({start.Program})", 250, start.Median, "ms"));
        goals.Add(AtMost("Its memory then", 80, start.ResidentBytes / 1e6, "MB"));
        goals.Add(AtLeast("Grouped counts over Zipf keys with a state of four budgets, to the same within the budget", 0.5, Paged(figures, KeyDistribution.Zipf, 4)));
        return goals;
    }

    /// <summary>Events a second of a size of state, to the largest size that lies within the budget.</summary>
    internal static double Paged(SecureStreamsFigures figures, KeyDistribution distribution, double size)
    {
        PagedStateResult[] paged = [.. figures.Paging.Where(p => p.Distribution == distribution && p.BudgetBytes is not null)];
        PagedStateResult within = paged.Where(p => p.PagesIn == 0).LastOrDefault(paged[0]);
        return paged.Single(p => p.StateToBudget == size).EventsPerProcessorSecond / within.EventsPerProcessorSecond;
    }

    private static SecureStreamsGoal AtLeast(string what, double goal, double measured) =>
        new(what, string.Create(CultureInfo.InvariantCulture, $"≥ {goal:0.##}"), string.Create(CultureInfo.InvariantCulture, $"{measured:F2}"), measured, measured >= goal);

    private static SecureStreamsGoal AtMost(string what, double goal, double measured, string unit) =>
        new(what, string.Create(CultureInfo.InvariantCulture, $"≤ {goal:0} {unit}"), string.Create(CultureInfo.InvariantCulture, $"{measured:F0} {unit}"), measured, measured <= goal);
}
