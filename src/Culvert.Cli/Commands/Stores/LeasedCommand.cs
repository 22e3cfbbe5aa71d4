using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Enclaves;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary>A command that runs for as long as a lease holds.</summary>
internal sealed partial class LeasedCommand : IDisposable
{
    private const int Terminate = 15;

    /// <summary>How often the lease is looked at: a command ends at most so long after it.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a command may take to end when it is asked: within the margin between clocks that leases have at their end.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    /// <summary>How long a command that was interrupted may take before it is asked to end: Ctrl-C at a terminal reaches it too, and two signals end some programs at once.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly LeaseFile _file;
    private volatile bool _isOver;

    private LeasedCommand(Process process, LeaseFile file) => (_process, _file) = (process, file);

    /// <summary>The command's code, once it has ended.</summary>
    internal int ExitCode => _process.ExitCode;

    /// <summary>Starts it, with the lease's file in its environment; the file stays the caller's.</summary>
    internal static LeasedCommand Start(string[] line, string unit, LeaseFile file)
    {
        ProcessStartInfo start = new(line[0], line[1..]) { UseShellExecute = false };
        start.Environment[LockCommand.Variable] = unit;
        start.Environment[LeaseFile.Variable] = file.Inheritance;
        try
        {
            return new LeasedCommand(Process.Start(start)!, file);
        }
        catch (Win32Exception failure)
        {
            throw new CommandFailedException(Cli.ExitCode.Failed, $"cannot start {line[0]}: {failure.Message}", failure);
        }
    }

    /// <summary>Waits until it ends; when the lease is lost before, ends it, and tells why.</summary>
    internal async Task<Failure?> WatchAsync(UnitLease lease)
    {
        Task ended = _process.WaitForExitAsync(CancellationToken.None);
        Failure? lost = null;
        while (!ended.IsCompleted && lost is null)
        {
            await Task.WhenAny(ended, Lost(lease.Lost), MachineClock.Instance.Delay(s_look, CancellationToken.None)).ConfigureAwait(false);
            _file.Follow();
            lost = lease.Refuse();
        }

        if (ended.IsCompleted)
        {
            return null;
        }

        _file.Dispose();
        Terminal.Error.WriteLine($"culvert: {lost!.Message}; the command is ended");
        Ask();
        if (await Task.WhenAny(ended, MachineClock.Instance.Delay(s_grace, CancellationToken.None)).ConfigureAwait(false) != ended)
        {
            _process.Kill(entireProcessTree: true);
        }

        await ended.ConfigureAwait(false);
        return lost;
    }

    /// <summary>A signal came: asks it to end.</summary>
    internal void Stop(int code) => _ = StopAsync(code);

    private async Task StopAsync(int code)
    {
        if (code == Cli.ExitCode.Interrupted)
        {
            await MachineClock.Instance.Delay(s_patience, CancellationToken.None).ConfigureAwait(false);
        }

        Ask();
    }

    /// <summary>Asks it to end (SIGTERM). Nothing happens when it has.</summary>
    private void Ask()
    {
        if (!_isOver && !_process.HasExited)
        {
            // It may have ended right now: then there is nobody to ask, and the number is not another's before it was waited for.
            _ = Send(_process.Id, Terminate);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOver = true;
        _process.Dispose();
    }

    private static Task Lost(CancellationToken lost)
    {
        TaskCompletionSource source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lost.Register(source.SetResult);
        return source.Task;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
