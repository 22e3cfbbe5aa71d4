using System.Runtime.InteropServices;

namespace Culvert.Enclaves.Linux;

/// <summary>Numbers of the system calls that are made without the C library's help, for the two processors that Culvert runs on.</summary>
internal static class SystemCallNumbers
{
    /// <summary>True where the numbers below hold.</summary>
    internal static bool AreKnown => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    internal static nint Futex => IsX64 ? 202 : 98;

    internal static nint MemoryFile => IsX64 ? 319 : 279;

    internal static nint Seccomp => IsX64 ? 317 : 277;

    // Later calls have one number everywhere.
    internal static nint CloseRange => 436;

    internal static nint LandlockCreateRuleset => 444;

    internal static nint LandlockAddRule => 445;

    internal static nint LandlockRestrictSelf => 446;

    internal static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;
}
