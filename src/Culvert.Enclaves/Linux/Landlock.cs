using System.Runtime.InteropServices;
using System.Text;

namespace Culvert.Enclaves.Linux;

/// <summary>
/// Landlock (Linux 5.13 and later): a thread gives up what its rules do not allow, for itself and for every thread and
/// program that comes of it. Numbers as in linux/landlock.h.
/// </summary>
internal static unsafe class Landlock
{
    private const nint VersionFlag = 1;
    private const int PathBeneath = 1;
    private const int PathOnlyCloseOnExec = 0x200000 | 0x80000;

    private const ulong Execute = 1 << 0;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadFolder = 1 << 3;

    /// <summary>The newest version of the interface whose rights are known here.</summary>
    private const int KnownAbi = 6;

    /// <summary>The kernel's version of the interface; 0 where there is none, or where it is switched off.</summary>
    internal static int Abi
    {
        get
        {
            nint abi = LinuxCalls.SystemCall(SystemCallNumbers.LandlockCreateRuleset, 0, 0, VersionFlag, 0, 0, 0);
            return abi > 0 ? (int)abi : 0;
        }
    }

    /// <summary>
    /// Leaves the calling thread nothing but reading and executing below the folders, and reading the files, that exist of
    /// those given: no writing anywhere, no TCP, no abstract sockets or signals to processes outside. Returns false when the
    /// system refuses. Needs no-new-privileges.
    /// </summary>
    internal static bool Restrict(int abi, IEnumerable<string> folders, IEnumerable<string> files)
    {
        int known = Math.Min(abi, KnownAbi);
        ulong* ruleset = stackalloc ulong[3];
        ruleset[0] = (1UL << HandledRights(known)) - 1;
        ruleset[1] = 0b11;
        ruleset[2] = 0b11;
        int size = known >= 6 ? 24 : known >= 4 ? 16 : 8;
        int descriptor = (int)LinuxCalls.SystemCall(SystemCallNumbers.LandlockCreateRuleset, (nint)ruleset, size, 0, 0, 0, 0);
        if (descriptor < 0)
        {
            return false;
        }

        bool done = folders.All(folder => Allow(descriptor, folder, Execute | ReadFile | ReadFolder))
            && files.All(file => Allow(descriptor, file, ReadFile))
            && LinuxCalls.SystemCall(SystemCallNumbers.LandlockRestrictSelf, descriptor, 0, 0, 0, 0, 0) == 0;
        _ = LinuxCalls.Close(descriptor);
        return done;
    }

    /// <summary>How many rights on files each version knows.</summary>
    private static int HandledRights(int abi) => abi switch { 1 => 13, 2 => 14, 3 or 4 => 15, _ => 16 };

    private static bool Allow(int ruleset, string path, ulong rights)
    {
        int target;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            target = LinuxCalls.Open(name, PathOnlyCloseOnExec, 0);
        }

        if (target < 0)
        {
            // What is not there needs no rule.
            return true;
        }

        Rule rule = new() { Rights = rights, Target = target };
        nint result = LinuxCalls.SystemCall(SystemCallNumbers.LandlockAddRule, ruleset, PathBeneath, (nint)(&rule), 0, 0, 0);
        _ = LinuxCalls.Close(target);
        return result == 0;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Rule
    {
        internal ulong Rights;
        internal int Target;
    }
}
