using System.Globalization;
using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>How far a run is, in a line: rows read, the share of the input, and how far event time has come and lags behind.</summary>
internal static class ProgressLine
{
    internal static string Of(IReadOnlyList<StageProgress> stages, DateTimeOffset now)
    {
        StageProgress[] sources = [.. stages.Where(s => s.TotalBytes is not null || s.Bytes > 0)];
        long rows = stages.Count == 0 ? 0 : stages[0].Rows;
        string line = string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows");
        long total = sources.Sum(s => s.TotalBytes ?? 0);
        if (total > 0)
        {
            line += string.Create(CultureInfo.InvariantCulture, $", {100.0 * sources.Sum(s => s.Bytes) / total:F0} %");
        }

        Watermark watermark = stages.Select(s => s.Watermark).Where(w => w > Watermark.None && w < Watermark.Idle).DefaultIfEmpty(Watermark.None).Min();
        if (watermark != Watermark.None)
        {
            DateTime time = new(watermark.Ticks, DateTimeKind.Utc);
            line += string.Create(CultureInfo.InvariantCulture, $", watermark {time:yyyy-MM-dd HH:mm:ss}, {(now.UtcDateTime - time).TotalSeconds:F1} s behind");
        }

        long late = stages.Sum(s => s.LateEvents);
        return late > 0 ? line + string.Create(CultureInfo.InvariantCulture, $", {late:N0} late") : line;
    }
}
