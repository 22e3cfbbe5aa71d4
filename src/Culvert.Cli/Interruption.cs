using System.Runtime.InteropServices;
using Culvert.Engine;

namespace Culvert.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks the run to stop behind a snapshot, the second ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    internal Interruption(LocalRun run)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, run, Cli.ExitCode.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, run, Cli.ExitCode.Terminated)),
        ];
    }

    /// <summary>What the process ends with when the run did not finish.</summary>
    internal int ExitCode { get; private set; } = Cli.ExitCode.Failed;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Handle(PosixSignalContext context, LocalRun run, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            Environment.Exit(exitCode);
        }

        ExitCode = exitCode;
        run.Stop();
    }
}
