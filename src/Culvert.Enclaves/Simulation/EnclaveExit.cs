namespace Culvert.Enclaves.Simulation;

/// <summary>Exit codes by which a process that cannot become an enclave says why: it has no other way to speak yet.</summary>
internal static class EnclaveExit
{
    internal const int ProgramFailed = 200;
    internal const int BadArguments = 201;
    internal const int HostGone = 202;
    internal const int NoLandlock = 203;
    internal const int NoSeccomp = 204;
    internal const int BadSharedMemory = 205;
    internal const int CannotRestart = 206;
    internal const int CannotHide = 207;

    internal static string Describe(int code) => code switch
    {
        0 => "ended in good order",
        ProgramFailed => "stopped by an unhandled failure inside",
        BadArguments => "refused its arguments: host and enclave are not of one build",
        HostGone => "found its host gone",
        NoLandlock => "could not start: this system has no Landlock, which locks its files away (Linux 5.13 or later, with landlock among the security modules)",
        NoSeccomp => "could not start: this system has no seccomp filters, which lock system calls away",
        BadSharedMemory => "refused the shared memory it was given",
        CannotRestart => "could not start itself again under lock-down",
        CannotHide => "could not start: the system refused no-new-privileges, an end of core files, or an end with its parent",
        _ => $"ended with exit code {code}",
    };
}
