using System.Globalization;
using Culvert.Engine;

namespace Culvert.Cli.Output;

/// <summary>The last line of a run, for people.</summary>
internal static class RunSummary
{
    /// <summary>Malformed rows shown; the others are counted.</summary>
    private const int PlacesMax = 3;

    /// <summary>Writes it where a person looks on (<paramref name="always"/>), and elsewhere only when there is something to say.</summary>
    internal static void Tell(RunReport report, bool always, TextWriter writer)
    {
        List<string> notes = [];
        if (report.ResumedFrom is { } round)
        {
            notes.Add($"resumed from the snapshot of round {round}");
        }

        if (report.MalformedRows > 0)
        {
            notes.Add($"{Count(report.MalformedRows)} malformed {(report.MalformedRows == 1 ? "row" : "rows")} left out");
        }

        if (report.LateEvents > 0)
        {
            notes.Add($"{Count(report.LateEvents)} late {(report.LateEvents == 1 ? "event" : "events")} dropped");
        }

        if (!always && notes.Count == 0)
        {
            return;
        }

        double seconds = report.Elapsed.TotalSeconds;
        string speed = seconds > 0 && report.Rows > 0 ? $" ({Amounts.Short(report.Rows / seconds)} rows/s)" : "";
        string all = string.Concat(notes.Select(n => ", " + n));
        writer.WriteLine($"culvert: {Count(report.Rows)} rows in {Amounts.Seconds(report.Elapsed)}{speed}{all}");
        foreach (string place in report.MalformedPlaces.Take(PlacesMax))
        {
            writer.WriteLine($"  {place}");
        }

        long more = report.MalformedRows - Math.Min(PlacesMax, report.MalformedPlaces.Count);
        if (report.MalformedPlaces.Count > 0 && more > 0)
        {
            writer.WriteLine($"  and {Count(more)} more");
        }
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
