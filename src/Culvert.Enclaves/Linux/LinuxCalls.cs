using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// Calls into the operating system are made of plain numbers and pointers, so that they can be compiled ahead: an enclave
// that is about to lock itself down has no time to compile stubs.
[assembly: DisableRuntimeMarshalling]

namespace Culvert.Enclaves.Linux;

/// <summary>What this room asks of the C library.</summary>
internal static unsafe partial class LinuxCalls
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport(Library, EntryPoint = "munmap")]
    internal static partial int Unmap(void* address, nuint length);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int SetLength(int descriptor, nint length);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    internal static partial nint Seek(int descriptor, nint offset, int whence);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(int descriptor, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true)]
    internal static partial int Open(byte* path, int flags, int mode);

    /// <summary>Another name for a file; fails where there is a file of that name.</summary>
    [LibraryImport(Library, EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Link(string path, string another);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport(Library, EntryPoint = "getpid")]
    internal static partial int ProcessId();

    [LibraryImport(Library, EntryPoint = "getppid")]
    internal static partial int ParentProcessId();

    [LibraryImport(Library, EntryPoint = "sched_yield")]
    internal static partial int YieldProcessor();

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    internal static partial int SetLimit(int resource, ulong* softAndHard);

    [LibraryImport(Library, EntryPoint = "execve", SetLastError = true)]
    internal static partial int Execute(byte* path, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int process, int signal);

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    internal static partial int Reap(int process, int* status, int options);

    [LibraryImport(Library, EntryPoint = "waitid", SetLastError = true)]
    internal static partial int WaitFor(int idType, int process, void* information, int options);

    [LibraryImport(Library, EntryPoint = "posix_spawn")]
    internal static partial int Spawn(int* process, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int InitializeActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int DestroyActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int AddDuplicate(void* actions, int descriptor, int target);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addopen")]
    internal static partial int AddOpen(void* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    internal static partial int InitializeAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int DestroyAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SetFlags(void* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int SetSignalMask(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SetDefaultSignals(void* attributes, void* signals);
}
