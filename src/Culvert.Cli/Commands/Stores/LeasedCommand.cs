using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Culvert.Cli.Output;
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

    private readonly Process _process;

    private LeasedCommand(Process process) => _process = process;

    /// <summary>The command's code, once it has ended.</summary>
    internal int ExitCode => _process.ExitCode;

    internal static LeasedCommand Start(string[] line, string unit)
    {
        ProcessStartInfo start = new(line[0], line[1..]) { UseShellExecute = false };
        start.Environment[LockCommand.Variable] = unit;
        try
        {
            return new LeasedCommand(Process.Start(start)!);
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
            lost = lease.Refuse();
        }

        if (ended.IsCompleted)
        {
            return null;
        }

        Terminal.Error.WriteLine($"culvert: {lost!.Message}; the command is ended");
        Ask();
        if (await Task.WhenAny(ended, MachineClock.Instance.Delay(s_grace, CancellationToken.None)).ConfigureAwait(false) != ended)
        {
            _process.Kill(entireProcessTree: true);
        }

        await ended.ConfigureAwait(false);
        return lost;
    }

    /// <summary>Asks it to end (SIGTERM). Nothing happens when it has.</summary>
    internal void Ask()
    {
        if (!_process.HasExited)
        {
            // It may have ended right now: then there is nobody to ask, and the number is not another's before it was waited for.
            _ = Send(_process.Id, Terminate);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private static Task Lost(CancellationToken lost)
    {
        TaskCompletionSource source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lost.Register(source.SetResult);
        return source.Task;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
