using Culvert.Cli.Output;
using Culvert.Engine;

namespace Culvert.Cli.Progress;

/// <summary>
/// Live progress on the terminal of standard error, drawn over itself. What a run prints to the same terminal in the
/// meantime goes above it.
/// </summary>
internal sealed class ProgressDisplay : IDisposable
{
    /// <summary>Short runs show nothing: it would only flicker.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly IRun _run;
    private readonly IClock _clock;
    private readonly TimeSpan _start;
    private readonly ProgressText _text = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;
    private readonly Lock _drawing = DescriptorStream.StandardOutput.WriteLock; // both may be one terminal
    private string _drawn = "";
    private int _linesDrawn;

    internal ProgressDisplay(IRun run, IClock clock)
    {
        (_run, _clock, _start) = (run, clock, clock.Elapsed);
        if (Terminal.OutIsTerminal)
        {
            Terminal.AroundOut(Clear, DrawAgain);
        }

        _thread = new Thread(Draw) { IsBackground = true, Name = "progress" };
        _thread.Start();
    }

    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
        Terminal.AroundOut(null, null);
        Clear();
        _ended.Dispose();
    }

    private void Draw()
    {
        TimeSpan wait = QuietTime;
        while (!_ended.Wait(wait))
        {
            wait = Interval;
            IReadOnlyList<string> lines = _text.Lines(_run.Progress(), _clock.Elapsed - _start, _clock.UtcNow, Terminal.Width);
            lock (_drawing)
            {
                string erasing = Erasing();
                _drawn = string.Concat(lines.Select(l => l + "\n"));
                _linesDrawn = lines.Count;
                Write(erasing + _drawn);
            }
        }
    }

    private void DrawAgain()
    {
        lock (_drawing)
        {
            Write(_drawn);
            _linesDrawn = _drawn.Count(c => c == '\n');
        }
    }

    private void Clear()
    {
        lock (_drawing)
        {
            if (_linesDrawn > 0)
            {
                Write(Erasing());
                _linesDrawn = 0;
            }
        }
    }

    /// <summary>Back to the first line drawn, and nothing below it.</summary>
    private string Erasing() => _linesDrawn > 0 ? $"\u001b[{_linesDrawn}A\r\u001b[J" : "";

    private static void Write(string text)
    {
        try
        {
            Terminal.Error.Write(text);
        }
        catch (IOException)
        {
            // A terminal that was closed: there is nobody to show anything to.
        }
    }
}
