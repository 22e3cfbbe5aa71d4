using Culvert.Enclaves.Tests.Simulation;

namespace Culvert.Enclaves.Tests;

/// <summary>Runs the tests, or is the enclave that one of them started.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (EnclaveProgram.RunIfAsked(args, InsideProgram.Run, () => EnclaveProgram.LoadClosure(typeof(Program).Assembly)) is int code)
        {
            return code;
        }

        if (args is [DyingHost.Argument])
        {
            return DyingHost.Run();
        }

        return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
            ? Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions).GetAwaiter().GetResult()
            : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args).GetAwaiter().GetResult();
    }
}
