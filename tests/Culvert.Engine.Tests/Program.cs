using Culvert.Enclaves;
using Culvert.Engine.Tests.Programs;

namespace Culvert.Engine.Tests;

/// <summary>Runs the tests, or is the job program that one of them started: as its owner, its host or its enclave.</summary>
internal static class Program
{
    /// <summary>The first argument with which this is a job program.</summary>
    internal const string JobArgument = "--job-program";

    private static async Task<int> Main(string[] args) => args switch
    {
        [JobArgument, .. string[] job] => await JobHost.RunAsync(job, ProgramJobs.Define),
        [EnclaveProgram.Argument or HostProgram.Argument, ..] => await JobHost.RunAsync(args, ProgramJobs.Define),
        _ when args.Any(argument => argument is "--server" or "--internal-msbuild-node") =>
            await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    };
}
