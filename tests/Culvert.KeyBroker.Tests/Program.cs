using Culvert.KeyBroker.Tests.Store;

namespace Culvert.KeyBroker.Tests;

/// <summary>The tests, and the process that some of them kill.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) => args switch
    {
        [StoreWriter.Argument, string folder] => StoreWriter.RunAsync(folder),
        _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
            Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    };
}
