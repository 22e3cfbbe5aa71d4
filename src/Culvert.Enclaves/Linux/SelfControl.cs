namespace Culvert.Enclaves.Linux;

/// <summary>What a process gives up by prctl and the like, for good.</summary>
internal static unsafe class SelfControl
{
    private const int SetParentDeathSignal = 1;
    private const int GetDumpable = 3;
    private const int SetDumpable = 4;
    private const int GetSeccomp = 21;
    private const int SetNoNewPrivileges = 38;
    private const int GetNoNewPrivileges = 39;
    private const int CoreLimit = 4;
    private const int CloseRangeCloseOnExec = 4;
    private const int KillSignal = 9;

    internal static bool IsDumpable => LinuxCalls.ProcessControl(GetDumpable, 0, 0, 0, 0) != 0;

    internal static bool HasNoNewPrivileges => LinuxCalls.ProcessControl(GetNoNewPrivileges, 0, 0, 0, 0) == 1;

    internal static bool IsFiltered => LinuxCalls.ProcessControl(GetSeccomp, 0, 0, 0, 0) == 2;

    /// <summary>The kernel kills this process when the thread that started it ends.</summary>
    internal static bool DieWithParent() => LinuxCalls.ProcessControl(SetParentDeathSignal, KillSignal, 0, 0, 0) == 0;

    /// <summary>No programs with privileges of their own can come of this process.</summary>
    internal static bool GiveUpPrivileges() => LinuxCalls.ProcessControl(SetNoNewPrivileges, 1, 0, 0, 0) == 0;

    /// <summary>No core files, and other processes of the same user can neither trace this one nor read its memory.</summary>
    internal static bool HideMemory()
    {
        ulong* none = stackalloc ulong[2];
        none[0] = 0;
        none[1] = 0;
        return LinuxCalls.SetLimit(CoreLimit, none) == 0 && LinuxCalls.ProcessControl(SetDumpable, 0, 0, 0, 0) == 0;
    }

    /// <summary>The next program gets no open files from this number on.</summary>
    internal static bool KeepFilesBelow(int descriptor) =>
        LinuxCalls.SystemCall(SystemCallNumbers.CloseRange, descriptor, int.MaxValue, CloseRangeCloseOnExec, 0, 0, 0) == 0;
}
