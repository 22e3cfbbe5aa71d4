using static Culvert.Enclaves.Linux.SystemCallDecision;

namespace Culvert.Enclaves.Linux;

/// <summary>The list behind <see cref="SeccompFilter"/>, the frequent ones first.</summary>
internal static class SystemCallRules
{
    internal static readonly SystemCallRule[] All =
    [
        // Waiting and time.
        new("futex", 202, 98),
        new("sched_yield", 24, 124),
        new("clock_gettime", 228, 113),
        new("clock_getres", 229, 114),
        new("nanosleep", 35, 101),
        new("clock_nanosleep", 230, 115),
        new("gettimeofday", 96, 169),
        new("restart_syscall", 219, 128),

        // Memory.
        new("madvise", 28, 233),
        new("mmap", 9, 222),
        new("munmap", 11, 215),
        new("mprotect", 10, 226),
        new("mremap", 25, 216),
        new("brk", 12, 214),
        new("mlock", 149, 228),
        new("munlock", 150, 229),
        new("mincore", 27, 232),
        new("membarrier", 324, 283),
        new("getrandom", 318, 278),

        // Threads of this process, and their signals.
        new("clone3", 435, 435, Unknown),
        new("clone", 56, 220, ThreadsOnly),
        new("tgkill", 234, 131, OwnProcessOnly),
        new("prctl", 157, 167, ListedOptions),
        new("rt_sigaction", 13, 134),
        new("rt_sigprocmask", 14, 135),
        new("rt_sigreturn", 15, 139),
        new("sigaltstack", 131, 132),
        new("set_robust_list", 273, 99),
        new("rseq", 334, 293),
        new("sched_getaffinity", 204, 123),
        new("sched_setaffinity", 203, 122, CallingThreadOnly),
        new("sched_getscheduler", 145, 120),
        new("sched_getparam", 143, 121),
        new("getcpu", 309, 168),
        new("pipe2", 293, 59),
        new("exit", 60, 93),
        new("exit_group", 231, 94),

        // Looking at itself.
        new("getpid", 39, 172),
        new("gettid", 186, 178),
        new("getppid", 110, 173),
        new("getuid", 102, 174),
        new("geteuid", 107, 175),
        new("getgid", 104, 176),
        new("getegid", 108, 177),
        new("getrusage", 98, 165),
        new("sysinfo", 99, 179),
        new("uname", 63, 160),

        // Files that are open already: the runtime's own pipe, and what nobody reads.
        new("read", 0, 63),
        new("write", 1, 64),
        new("close", 3, 57),
        new("fstat", 5, 80),
        new("lseek", 8, 62),
        new("poll", 7, -1),
        new("ppoll", 271, 73),

        // Files by name.
        new("open", 2, -1, NoAccess),
        new("openat", 257, 56, NoAccess),
        new("openat2", 437, 437, NoAccess),
        new("creat", 85, -1, NoAccess),
        new("stat", 4, -1, NoAccess),
        new("lstat", 6, -1, NoAccess),
        new("newfstatat", 262, 79, NoAccess),
        new("statx", 332, 291, NoAccess),
        new("access", 21, -1, NoAccess),
        new("faccessat", 269, 48, NoAccess),
        new("faccessat2", 439, 439, NoAccess),
        new("readlink", 89, -1, NoAccess),
        new("readlinkat", 267, 78, NoAccess),
    ];
}
