namespace Culvert.Enclaves;

/// <summary>
/// What the enclave's process found in force when its work began. It says what the operating system was asked for and
/// granted; it is no evidence against a host that lies.
/// </summary>
/// <param name="LandlockAbi">Version of the Landlock interface whose rules are in force; 0 when none are.</param>
/// <param name="Seccomp">System calls are filtered, in every thread.</param>
/// <param name="NoNewPrivileges">No program that it starts could gain privileges.</param>
/// <param name="NotDumpable">No core files; other processes of the same user cannot read its memory.</param>
public sealed record LockdownReport(int LandlockAbi, bool Seccomp, bool NoNewPrivileges, bool NotDumpable)
{
    /// <summary>All of it is in force.</summary>
    public bool IsComplete => LandlockAbi > 0 && Seccomp && NoNewPrivileges && NotDumpable;
}
