using System.Runtime.InteropServices;

namespace Culvert.KeyBroker;

/// <summary>Makes a rename survive a crash of the machine: Unix asks for the folder itself to be flushed.</summary>
internal static partial class FolderFlush
{
    private const int ReadOnly = 0;

    /// <summary>Flushes a folder's entries.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    internal static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(folder, ReadOnly);
        int result = descriptor < 0 ? -1 : Sync(descriptor);
        string why = Marshal.GetLastPInvokeErrorMessage();
        if (descriptor >= 0)
        {
            _ = Close(descriptor);
        }

        if (result != 0)
        {
            throw new IOException($"the folder {folder} cannot be flushed: {why}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
