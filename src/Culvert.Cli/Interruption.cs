using System.Runtime.InteropServices;

namespace Culvert.Cli;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks what is under way to end cleanly, the second ends the process at once, as does the
/// first where there is nothing to end.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly Lock _lock = new();
    private Action? _stop;
    private int _exitCode;

    internal Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Receive(context, ExitCode.Interrupted));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Receive(context, ExitCode.Terminated));
    }

    /// <summary>The exit code of the signal that came; 0 while none has.</summary>
    internal int Code => Volatile.Read(ref _exitCode);

    /// <summary>From now on a first signal calls this, from a thread of its own.</summary>
    internal void StopBy(Action stop)
    {
        lock (_lock)
        {
            _stop = stop;
        }
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void Receive(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        Action? stop;
        bool first;
        lock (_lock)
        {
            first = _exitCode == 0;
            _exitCode = first ? exitCode : _exitCode;
            stop = _stop;
        }

        if (first && stop is not null)
        {
            stop();
        }
        else
        {
            Environment.Exit(exitCode);
        }
    }
}
