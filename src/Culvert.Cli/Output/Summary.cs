using Culvert.Engine;

namespace Culvert.Cli;

/// <summary>What is said on standard error when a run has ended.</summary>
internal static class Summary
{
    internal static void Write(TextWriter output, string job, RunReport report, IReadOnlyList<string> malformedPlaces, string? snapshots)
    {
        if (report.ResumedFrom is { } round)
        {
            output.WriteLine($"culvert: {job} went on behind round {round.Value + 1}");
        }

        if (report.MalformedRows > 0)
        {
            output.WriteLine($"culvert: {report.MalformedRows} rows could not be read and are left out:");
            foreach (string place in malformedPlaces)
            {
                output.WriteLine($"  {place}");
            }

            if (report.MalformedRows > malformedPlaces.Count)
            {
                output.WriteLine($"  … and {report.MalformedRows - malformedPlaces.Count} more");
            }
        }

        if (report.LateEvents > 0)
        {
            output.WriteLine($"culvert: {report.LateEvents} events came too late for every window and were dropped");
        }

        if (!report.Finished)
        {
            output.WriteLine(snapshots is null
                ? $"culvert: {job} was stopped; without --snapshots there is nothing to go on from"
                : $"culvert: {job} was stopped; go on with --snapshots {snapshots} --resume");
        }
        else if (Terminal.ErrorIsTerminal)
        {
            output.WriteLine($"culvert: {job}: {Quantities.Count(report.Rows)} rows in {Quantities.Time(report.Elapsed)}, {Quantities.Count(report.Rows / Math.Max(1e-9, report.Elapsed.TotalSeconds))} rows/s");
        }
    }
}
