using System.Globalization;
using System.Text;
using Culvert.Engine;

namespace Culvert.Cli;

/// <summary>
/// A line per stage on a terminal's standard error, drawn anew several times a second and taken away at the end: rows,
/// rows per second, and for sources MB/s, share done and time left; for endless jobs the watermark and how far it is
/// behind.
/// </summary>
internal sealed class ProgressView : IAsyncDisposable
{
    private const int BarWidth = 24;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    private readonly LocalRun _run;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _drawing;
    private readonly Dictionary<string, Rate> _rates = [];
    private int _lines;

    internal ProgressView(LocalRun run)
    {
        _run = run;
        _drawing = Task.Run(DrawAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _drawing.ConfigureAwait(false);
        Console.Error.Write(Erase());
        _stop.Dispose();
    }

    private async Task DrawAsync()
    {
        using PeriodicTimer timer = new(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                Draw();
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
    }

    private void Draw()
    {
        IReadOnlyList<StageProgress> stages = _run.Progress();
        int nameWidth = Math.Min(24, stages.Max(s => s.Name.Length));
        StringBuilder text = new(Erase());
        foreach (StageProgress stage in stages)
        {
            string line = Line(stage, nameWidth);
            int width = Width();
            text.Append(line.Length > width ? line[..width] : line).Append('\n');
        }

        _lines = stages.Count;
        Console.Error.Write(text.ToString());
    }

    private string Line(StageProgress stage, int nameWidth)
    {
        if (!_rates.TryGetValue(stage.Name, out Rate? rate))
        {
            _rates[stage.Name] = rate = new Rate();
        }

        rate.Add(stage);
        string name = stage.Name.Length > nameWidth ? stage.Name[..nameWidth] : stage.Name.PadRight(nameWidth);
        StringBuilder line = new();
        line.Append(name).Append("  ").Append(Bar(stage)).Append("  ");
        line.Append(Quantities.Count(stage.Rows).PadLeft(8)).Append(" rows ");
        line.Append(Quantities.Count(rate.RowsPerSecond).PadLeft(8)).Append(" rows/s");
        if (stage.Bytes > 0)
        {
            line.Append("  ").Append(Quantities.Bytes(rate.BytesPerSecond).PadLeft(8)).Append("/s");
        }

        if (stage is { TotalBytes: > 0, Finished: false } && rate.BytesPerSecond > 0)
        {
            line.Append("  ").Append(Quantities.Time(TimeSpan.FromSeconds((stage.TotalBytes.Value - stage.Bytes) / rate.BytesPerSecond))).Append(" left");
        }

        if (stage.Watermark.Ticks is > 0 and < long.MaxValue - 1)
        {
            line.Append("  watermark ").Append(new DateTime(stage.Watermark.Ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm:ss.f", CultureInfo.InvariantCulture));
        }

        if (stage.LateEvents > 0)
        {
            line.Append("  ").Append(Quantities.Count(stage.LateEvents)).Append(" late");
        }

        return line.ToString();
    }

    private static string Bar(StageProgress stage)
    {
        if (stage.Finished)
        {
            return new string('━', BarWidth) + " 100%";
        }

        if (stage.TotalBytes is not > 0)
        {
            return $"round {stage.Round.Value + 1}".PadRight(BarWidth + 5);
        }

        double share = Math.Clamp((double)stage.Bytes / stage.TotalBytes.Value, 0, 1);
        int filled = (int)(share * BarWidth);
        return new string('━', filled) + new string('─', BarWidth - filled) + share.ToString("0%", CultureInfo.InvariantCulture).PadLeft(5);
    }

    /// <summary>Back to the first line drawn, with all lines cleared.</summary>
    private string Erase() => _lines == 0 ? "" : $"\e[{_lines}A\e[J";

    private static int Width()
    {
        try
        {
            return Math.Max(20, Console.WindowWidth - 1);
        }
        catch (IOException)
        {
            return 119;
        }
    }

    /// <summary>A rate over the last second or so.</summary>
    private sealed class Rate
    {
        private readonly Queue<(TimeSpan At, long Rows, long Bytes)> _samples = new();

        internal double RowsPerSecond { get; private set; }

        internal double BytesPerSecond { get; private set; }

        internal void Add(StageProgress stage)
        {
            TimeSpan now = MachineClock.Instance.Elapsed;
            _samples.Enqueue((now, stage.Rows, stage.Bytes));
            while (_samples.Count > 10)
            {
                _samples.Dequeue();
            }

            (TimeSpan at, long rows, long bytes) = _samples.Peek();
            double seconds = (now - at).TotalSeconds;
            if (seconds > 0)
            {
                RowsPerSecond = (stage.Rows - rows) / seconds;
                BytesPerSecond = (stage.Bytes - bytes) / seconds;
            }
        }
    }
}
