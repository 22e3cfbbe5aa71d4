namespace Culvert.Cli;

/// <summary>What is at the other end of the standard streams.</summary>
internal static class Terminal
{
    internal static bool ErrorIsTerminal => !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null);
}
