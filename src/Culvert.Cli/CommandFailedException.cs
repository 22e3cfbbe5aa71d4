namespace Culvert.Cli;

/// <summary>A command that ends here: the message goes to standard error, and the exit code to whoever called.</summary>
internal sealed class CommandFailedException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    internal int ExitCode { get; } = exitCode;

    /// <summary>Options or arguments that do not fit.</summary>
    internal static CommandFailedException Usage(string message) => new(Cli.ExitCode.WrongUsage, message);
}
