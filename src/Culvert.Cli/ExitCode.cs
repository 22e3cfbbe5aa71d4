namespace Culvert.Cli;

/// <summary>What the process ends with; docs/cli.md is the promise.</summary>
internal static class ExitCode
{
    internal const int Success = 0;
    internal const int Failed = 1;
    internal const int Usage = 2;
    internal const int Interrupted = 130;
    internal const int Terminated = 143;
}
