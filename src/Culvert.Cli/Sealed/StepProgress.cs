using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;

namespace Culvert.Cli.Sealed;

/// <summary>One line of progress on the terminal of standard error, where there is one and nobody asked for quiet.</summary>
internal sealed class StepProgress(string what, long? totalBytes, bool quiet) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly bool _talks = Terminal.ErrorIsTerminal && !quiet;
    private readonly TimeSpan _start = MachineClock.Instance.Elapsed;
    private TimeSpan _last = MachineClock.Instance.Elapsed;
    private bool _drawn;

    /// <summary>Time since the beginning.</summary>
    internal TimeSpan Elapsed => MachineClock.Instance.Elapsed - _start;

    /// <summary>Tells how far it is; draws a few times a second.</summary>
    internal void At(long bytes)
    {
        TimeSpan now = MachineClock.Instance.Elapsed;
        if (!_talks || now - _last < Interval)
        {
            return;
        }

        _last = now;
        string share = totalBytes is > 0 ? $"{Math.Min(100, 100 * bytes / totalBytes.Value),3}%  " : "";
        string line = $"{what}  {share}{Amounts.Short(bytes / Elapsed.TotalSeconds / 1e6)} MB/s";
        Terminal.Error.Write($"\r{(line.Length < Terminal.Width ? line : line[..Math.Max(0, Terminal.Width - 1)])}\u001b[K");
        _drawn = true;
    }

    public void Dispose()
    {
        if (_drawn)
        {
            Terminal.Error.Write("\r\u001b[K");
        }
    }
}
