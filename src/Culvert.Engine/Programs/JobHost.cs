using System.Reflection;
using System.Runtime.InteropServices;
using Culvert.Enclaves;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Makes a program of a job: <c>return await JobHost.RunAsync(args, context => …);</c>. The command line is
/// <see cref="JobArguments.Usage"/>; the exit code is 0, 1 when the run failed, 2 for wrong usage, 130 after Ctrl-C. The program
/// is also the host and the enclaves of its protected stages: these are processes of it in which the job is defined again, so
/// that nothing may come before this call, and the definition may depend on its context only.
/// </summary>
public static class JobHost
{
    /// <summary>Runs the job of a class.</summary>
    public static Task<int> RunAsync<TJob>(string[] args)
        where TJob : IJob, new() => RunAsync(args, context => new TJob().Define(context));

    /// <summary>Runs the job that a function defines.</summary>
    public static Task<int> RunAsync(string[] args, Func<JobContext, Job> define)
    {
        JobPlanBuilder builder = new(define);

        // Before anything else is loaded: a process that was started to be an enclave locks itself down first.
        return EnclaveProgram.RunIfAsked(args, context => EnclaveWorker.Run(context, builder), () => Load(define.Method.Module.Assembly)) is int enclave
            ? Task.FromResult(enclave)
            : HostProgram.RunIfAsked(args, builder) is int host
            ? Task.FromResult(host)
            : RunJobAsync(args, define);
    }

    /// <summary>What the job's definition will need, and could not load once the process is locked down.</summary>
    private static void Load(Assembly job)
    {
        EnclaveProgram.LoadClosure(typeof(JobHost).Assembly);
        EnclaveProgram.LoadClosure(job);
        if (Assembly.GetEntryAssembly() is { } program)
        {
            EnclaveProgram.LoadClosure(program);
        }

        JobCode.MeasureLoaded();
    }

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
