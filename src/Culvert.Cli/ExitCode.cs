namespace Culvert.Cli;

/// <summary>How the program ends; docs/cli.md lists them for users.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>A run that failed, a test that failed, a file that cannot be written.</summary>
    internal const int Failed = 1;

    /// <summary>Options that do not exist or do not fit, and job files with errors.</summary>
    internal const int WrongUsage = 2;

    /// <summary>A proof that holds, but only as a simulation.</summary>
    internal const int OnlySimulation = 3;

    /// <summary>The lease under which <c>store lock</c> ran a command was lost; EX_TEMPFAIL of sysexits.h: the same may succeed later.</summary>
    internal const int LeaseLost = 75;

    /// <summary>Ctrl-C: 128 and the signal's number, as shells have it.</summary>
    internal const int Interrupted = 130;

    /// <summary>Whoever read standard output has gone.</summary>
    internal const int BrokenPipe = 141;

    /// <summary>SIGTERM.</summary>
    internal const int Terminated = 143;
}
