using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Storage;

/// <summary>What a folder's cloud asks of the system beyond .NET's files.</summary>
internal static partial class FolderCalls
{
    internal const int NoPermission = 1;
    internal const int NoEntry = 2;
    internal const int AlreadyThere = 17;

    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    // A planted pipe would keep whoever opens it waiting for a writer.
    private const int DoNotWait = 0x800;

    /// <summary>Opens a file to read from; never waits for it, whatever it is.</summary>
    /// <exception cref="IOException">The system refused, with its error number as <c>HResult</c>.</exception>
    internal static SafeFileHandle OpenToRead(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        int descriptor = Open(path, ReadOnly | CloseOnExec | DoNotWait);
        return descriptor < 0 ? throw Failed("open") : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Makes the entries of a folder survive a crash of the machine.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    internal static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using SafeFileHandle handle = new(Open(folder, ReadOnly), ownsHandle: true);
        if (handle.IsInvalid)
        {
            throw Failed("open");
        }

        // Some mounted clouds know no flush of folders: they keep entries at once.
        if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() is not (22 or 95))
        {
            throw Failed("flush");
        }
    }

    /// <summary>
    /// Gives a file a second name unless that is taken, as one step. False: the name is taken; null: this file system has no such
    /// step.
    /// </summary>
    /// <exception cref="IOException">The system refused.</exception>
    internal static bool? TryLink(string file, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        if (Link(file, name) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            AlreadyThere => false,

            // EPERM, EMLINK, ENOSYS, EOPNOTSUPP: no links here.
            NoPermission or 31 or 38 or 95 => null,
            _ => throw Failed("link"),
        };
    }

    private static IOException Failed(string what)
    {
        int number = Marshal.GetLastPInvokeError();
        string message = $"cannot {what}: {Marshal.GetPInvokeErrorMessage(number)}";
        return number == NoEntry ? new FileNotFoundException(message) : new IOException(message, number);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string file, string name);
}
