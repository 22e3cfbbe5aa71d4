using System.Runtime.InteropServices;
using Culvert.Enclaves;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Makes a program of a job: <c>return await JobHost.RunAsync(args, context => …);</c>. The command line is
/// <see cref="JobArguments.Usage"/>; the exit code is 0, 1 when the run failed, 2 for wrong usage, 130 after Ctrl-C.
/// </summary>
public static class JobHost
{
    /// <summary>Runs the job of a class.</summary>
    public static Task<int> RunAsync<TJob>(string[] args)
        where TJob : IJob, new() => RunAsync(args, context => new TJob().Define(context));

    /// <summary>Runs the job that a function defines.</summary>
    public static Task<int> RunAsync(string[] args, Func<JobContext, Job> define) =>
        // Before anything else is loaded: a process that was started to be an enclave locks itself down first.
        EnclaveProgram.RunIfAsked(args, ProbeProgram.Run) is int enclave ? Task.FromResult(enclave) : RunJobAsync(args, define);

    private static async Task<int> RunJobAsync(string[] args, Func<JobContext, Job> define)
    {
        using CancellationTokenSource stop = new();
        void Stop(PosixSignalContext signal)
        {
            // The first one ends the run cleanly; whoever presses again wants the process to end.
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using Stream output = Console.OpenStandardOutput();
        JobProgram program = new(output, Console.Error) { ShowsProgress = !Console.IsErrorRedirected };
        return await program.RunAsync(args, define, stop.Token).ConfigureAwait(false);
    }
}
