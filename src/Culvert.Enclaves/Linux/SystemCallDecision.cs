namespace Culvert.Enclaves.Linux;

/// <summary>What becomes of a system call. What no rule names is refused (EPERM).</summary>
internal enum SystemCallDecision
{
    Allowed = 1,

    /// <summary>Refused as a file without permission is (EACCES), which programs expect.</summary>
    NoAccess,

    /// <summary>As on a system that does not have it (ENOSYS), so that callers fall back to what a filter can look into.</summary>
    Unknown,

    /// <summary>Makes a thread of this process, and no process.</summary>
    ThreadsOnly,

    /// <summary>With this process's id as the first argument.</summary>
    OwnProcessOnly,

    /// <summary>With 0, the calling thread, as the first argument: new threads of .NET place themselves.</summary>
    CallingThreadOnly,

    /// <summary>With one of the listed options as the first argument.</summary>
    ListedOptions,
}
