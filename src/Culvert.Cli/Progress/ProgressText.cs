using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Stages;

namespace Culvert.Cli.Progress;

/// <summary>The lines of live progress: a stage each, from one look at a run and the look before it.</summary>
internal sealed class ProgressText
{
    private const int NameWidth = 16;
    private const int BarWidth = 20;

    /// <summary>The newer look counts this much, so that figures do not jump.</summary>
    private const double Smoothing = 0.3;

    private readonly Dictionary<string, (long Rows, long Bytes, double RowsPerSecond, double BytesPerSecond)> _before = [];
    private TimeSpan _last;

    /// <summary>The lines, none longer than <paramref name="width"/>. <paramref name="elapsed"/> is since the run's start.</summary>
    internal IReadOnlyList<string> Lines(IReadOnlyList<StageProgress> stages, TimeSpan elapsed, DateTimeOffset now, int width)
    {
        double seconds = (elapsed - _last).TotalSeconds;
        _last = elapsed;
        List<string> lines = [];
        foreach (StageProgress stage in stages)
        {
            (double rows, double bytes) = Speeds(stage, seconds);
            string name = stage.Name.Length <= NameWidth ? stage.Name.PadRight(NameWidth) : stage.Name[..(NameWidth - 1)] + "…";
            string line = $"{name} {Share(stage)} {Amounts.Short(rows),6} rows/s{Details(stage, bytes, now)}";
            lines.Add(line.Length < width ? line : line[..Math.Max(0, width - 1)]);
        }

        return lines;
    }

    private (double Rows, double Bytes) Speeds(StageProgress stage, double seconds)
    {
        if (!_before.TryGetValue(stage.Name, out var before))
        {
            // The first look has all that came before it.
            before = (0, 0, seconds > 0 ? stage.Rows / seconds : 0, seconds > 0 ? stage.Bytes / seconds : 0);
        }

        double rows = seconds > 0 ? (stage.Rows - before.Rows) / seconds : before.RowsPerSecond;
        double bytes = seconds > 0 ? (stage.Bytes - before.Bytes) / seconds : before.BytesPerSecond;
        rows = stage.Finished ? 0 : before.RowsPerSecond + (Smoothing * (rows - before.RowsPerSecond));
        bytes = stage.Finished ? 0 : before.BytesPerSecond + (Smoothing * (bytes - before.BytesPerSecond));
        _before[stage.Name] = (stage.Rows, stage.Bytes, rows, bytes);
        return (rows, bytes);
    }

    private static string Share(StageProgress stage)
    {
        double? share = stage.Finished ? 1
            : stage.TotalBytes is { } total and > 0 ? Math.Min(1, stage.Bytes / (double)total)
            : null;
        if (share is not { } done)
        {
            return $"{Amounts.Short(stage.Rows),8} rows".PadRight(BarWidth + 5);
        }

        int full = (int)(done * BarWidth);
        return $"{new string('█', full)}{new string('░', BarWidth - full)} {(int)(done * 100),3}%";
    }

    private static string Details(StageProgress stage, double bytesPerSecond, DateTimeOffset now)
    {
        if (stage.Finished)
        {
            return "  done";
        }

        string speed = bytesPerSecond > 0 ? $" {Amounts.Short(bytesPerSecond / 1e6),5} MB/s" : "";
        if (stage.TotalBytes is { } total && bytesPerSecond > 0)
        {
            TimeSpan left = TimeSpan.FromSeconds(Math.Min(359_999, Math.Max(0, total - stage.Bytes) / bytesPerSecond));
            return $"{speed}  {Amounts.Clock(left)} left";
        }

        return speed + EventTime(stage.Watermark, now);
    }

    private static string EventTime(Watermark watermark, DateTimeOffset now)
    {
        if (watermark == Watermark.None || watermark == Watermark.Idle || watermark == Watermark.End)
        {
            return "";
        }

        DateTime time = new(watermark.Ticks, DateTimeKind.Utc);
        TimeSpan lag = now.UtcDateTime - time;
        string shown = $"  watermark {time:HH:mm:ss}";
        // A job over old events is not behind: its watermark says what there is to say.
        return lag < TimeSpan.FromDays(1) && lag > TimeSpan.FromDays(-1) ? $"{shown}, {Math.Max(0, lag.TotalSeconds):0.0} s behind" : shown;
    }
}
