using Culvert.Enclaves.Linux;
using Culvert.Enclaves.Rings;

namespace Culvert.Enclaves.Simulation;

/// <summary>
/// An enclave's process, seen by its host. A thread of its own starts the process and waits for its end: the process dies
/// with the thread that started it, so that thread must not be one that comes and goes.
/// </summary>
internal sealed unsafe class EnclaveProcess : IEnclave
{
    private const int ByProcessId = 1;
    private const int Exited = 4;
    private const int LeaveToBeReaped = 0x0100_0000;
    private const int KillSignal = 9;
    private const int InterruptedCall = 4;
    private const int KeeperStackBytes = 256 << 10;

    private readonly object _gate = new();
    private readonly RingChannel _channel;
    private readonly TaskCompletionSource<EnclaveEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _keeper;
    private int _processId;
    private bool _isReaped;
    private bool _wasKilledByHost;

    private EnclaveProcess(RingChannel channel, EnclaveImage image, Func<Outcome<int>> spawn)
    {
        _channel = channel;
        Image = image;
        TaskCompletionSource<Outcome<int>> started = new();
        _keeper = new Thread(() => Keep(spawn, started), KeeperStackBytes) { IsBackground = true, Name = "enclave keeper" };
        _keeper.Start();
        Started = started.Task.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public IMessageChannel Channel => _channel;

    /// <inheritdoc/>
    public int? ProcessId => _processId;

    /// <inheritdoc/>
    public Task<EnclaveEnd> Ended => _ended.Task;

    /// <inheritdoc/>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <inheritdoc/>
    public EnclaveImage Image { get; }

    private Outcome<int> Started { get; }

    /// <summary>Starts a process by <paramref name="spawn"/>, which gives its id; takes over the channel.</summary>
    internal static Outcome<IEnclave> Start(RingChannel channel, EnclaveImage image, Func<Outcome<int>> spawn)
    {
        EnclaveProcess process = new(channel, image, spawn);
        if (process.Started.Succeeded)
        {
            return process;
        }

        channel.Dispose();
        return process.Started.Failure;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isReaped)
            {
                _wasKilledByHost = true;
                _ = LinuxCalls.Kill(_processId, KillSignal);
            }
        }

        _keeper.Join();
        _channel.Dispose();
    }

    private void Keep(Func<Outcome<int>> spawn, TaskCompletionSource<Outcome<int>> started)
    {
        Outcome<int> outcome;
        try
        {
            outcome = spawn();
        }
        catch (Exception failure)
        {
            outcome = new Failure(FailureKind.Io, $"cannot start an enclave: {failure.Message}");
        }

        _processId = outcome.Succeeded ? outcome.Value : 0;
        _isReaped = !outcome.Succeeded;
        started.SetResult(outcome);
        if (!outcome.Succeeded)
        {
            return;
        }

        EnclaveEnd end = WaitForEnd();
        _channel.PeerIsGone(new Failure(FailureKind.Io, $"the enclave (process {_processId}) {end.Description}"));
        _ended.SetResult(end);
    }

    private EnclaveEnd WaitForEnd()
    {
        // Waited for first and reaped under the lock, so that nobody kills a process that has inherited the number.
        byte* information = stackalloc byte[128];
        while (LinuxCalls.WaitFor(ByProcessId, _processId, information, Exited | LeaveToBeReaped) != 0)
        {
            if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != InterruptedCall)
            {
                break;
            }
        }

        lock (_gate)
        {
            int status;
            int reaped = LinuxCalls.Reap(_processId, &status, 0);
            _isReaped = true;
            if (reaped != _processId)
            {
                return new EnclaveEnd(null, null, "ended, and how was not told");
            }

            int signal = status & 0x7f;
            int code = (status >> 8) & 0xff;
            return signal == 0 ? new EnclaveEnd(code, null, EnclaveExit.Describe(code))
                : new EnclaveEnd(null, signal, _wasKilledByHost ? "was ended by its host" : $"was ended by signal {signal}{Hint(signal)}");
        }
    }

    private static string Hint(int signal) => signal switch
    {
        KillSignal => " (killed, perhaps for lack of memory)",
        6 => " (the runtime stopped it: an unhandled failure or lack of memory)",
        11 => " (access to memory that is not there)",
        31 => " (a system call that is closed to it)",
        _ => "",
    };
}
