using System.CommandLine;
using System.CommandLine.Invocation;
using Culvert.Cli.Commands;
using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>The <c>culvert</c> command.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // Before anything else is loaded: a process that was started to be an enclave locks itself down first.
        if (EnclaveProgram.RunIfAsked(arguments, EnclaveWorker.Run) is int enclave)
        {
            return enclave;
        }

        if (HostProgram.RunIfAsked(arguments, new CanonicalPlanBuilder(), Stores.StoreSnapshots.Open) is int host)
        {
            return host;
        }

        return RunCommand(arguments);
    }

    private static int RunCommand(string[] arguments)
    {
        try
        {
            int code = Run(arguments);
            Terminal.Flush();
            return code;
        }
        catch (Exception failure) when (!IsDebugging)
        {
            return Explain(failure);
        }
    }

    /// <summary>With CULVERT_DEBUG=1 failures show where in the program they come from.</summary>
    private static bool IsDebugging => Environment.GetEnvironmentVariable("CULVERT_DEBUG") == "1";

    private static int Run(string[] arguments)
    {
        Command root = CommandTree.Make();
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            return UsageErrors.Explain(parsed, arguments);
        }

        return parsed.Invoke(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = Terminal.Out,
            Error = Terminal.Error,
        });
    }

    private static int Explain(Exception failure)
    {
        IOException? output = null;
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is BrokenPipeException)
            {
                return ExitCode.BrokenPipe;
            }

            output = cause as OutputFailedException ?? output;
        }

        (int code, string message) = failure switch
        {
            _ when output is not null => (ExitCode.Failed, $"cannot write to standard output: {output.Message}"),
            CommandFailedException known => (known.ExitCode, known.Message),
            OwnerKeyException key => (key.IsUsage ? ExitCode.WrongUsage : ExitCode.Failed, key.Message),
            JobFailedException or SourceFailedException => (ExitCode.Failed, failure.Message),
            PlanException => (ExitCode.WrongUsage, failure.Message),
            IOException or InvalidDataException or UnauthorizedAccessException => (ExitCode.Failed, failure.Message),
            _ => (ExitCode.Failed, $"{failure.GetType().Name}: {failure.Message}\nThis is a flaw of Culvert's; with CULVERT_DEBUG=1 it shows where."),
        };
        try
        {
            Terminal.Error.WriteLine($"culvert: {message}");
        }
        catch (IOException)
        {
            // Nobody reads that either: the exit code is left.
        }

        return code;
    }
}
