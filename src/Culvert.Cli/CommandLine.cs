using System.CommandLine;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>The <c>culvert</c> command: parses, calls, and turns what comes of it into messages and exit codes.</summary>
internal static class CommandLine
{
    internal static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = new("Secure, elastic, resilient stream processing on clouds that the data's owner does not trust.")
        {
            RunCommand.Create(),
            LintCommand.Create(),
            PlanCommand.Create(),
            TestCommand.Create(),
            PeekCommand.Create(),
            GenerateCommand.Create(),
            new Command("bench", "Runs the benchmarks: 'culvert bench engine --report report.html'."),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
            {
                Console.Error.WriteLine($"culvert: {error.Message}");
            }

            string command = parsed.CommandResult.Command == root ? "" : $" {parsed.CommandResult.Command.Name}";
            Console.Error.WriteLine($"culvert: see 'culvert{command} --help'");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            return Report(failure);
        }
    }

    private static int Report(Exception failure)
    {
        if (Environment.GetEnvironmentVariable("CULVERT_DEBUG") == "1")
        {
            Console.Error.WriteLine(failure);
        }

        switch (failure)
        {
            case UsageException:
                Console.Error.WriteLine($"culvert: {failure.Message}");
                return ExitCode.Usage;
            case JobFailedException or SourceFailedException or PlanException or JobDefinitionException or IOException or UnauthorizedAccessException:
                Console.Error.WriteLine($"culvert: {failure.Message}");
                return ExitCode.Failed;
            default:
                Console.Error.WriteLine($"culvert: {failure.GetType().Name}: {failure.Message} (this is a defect of culvert; CULVERT_DEBUG=1 shows where)");
                return ExitCode.Failed;
        }
    }
}
