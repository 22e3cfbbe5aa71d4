using System.Runtime.InteropServices;
using Culvert.Enclaves;
using Culvert.Sealing;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Engine;

/// <summary>Files that only their owner may read: keys, shares, passphrases. Failures throw <see cref="OwnerKeyException"/>.</summary>
public static partial class PrivateFile
{
    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// All bytes of a file that is not empty and has at most <paramref name="bytesMax"/>. Refused is one that its group or others
    /// may read or write: what is looked at is the file that was opened, whatever its name leads to later.
    /// </summary>
    public static Secret Read(string path, int bytesMax)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            RefuseIfShared(path, file);
            return ReadAll(path, file, bytesMax);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Failed($"{path}: no such file", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Failed(Directory.Exists(path) ? $"{path}: a folder, and not a file" : $"cannot read {path}: {failure.Message}", failure);
        }
    }

    /// <summary>
    /// A new file with mode 0600, whole or not at all: written under another name, and then given its own if no file has it. Of
    /// several that make it at once exactly one does.
    /// </summary>
    public static void Create(string path, Secret content)
    {
        RefuseIfThere(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            throw Failed($"cannot write {path}: there is no folder {Path.GetDirectoryName(path)}", null);
        }

        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{RandomName()}.partial");
        bool isBegun = false;
        try
        {
            using (FileStream file = OpenNew(temporary))
            {
                isBegun = true;
                file.Write(content.Bytes);
                file.Flush(flushToDisk: true);
            }

            isBegun = !MoveOntoNothing(temporary, path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (isBegun)
            {
                RefuseIfThere(path);
            }

            throw Failed($"cannot write {path}: {failure.Message}", failure);
        }
        finally
        {
            if (isBegun)
            {
                File.Delete(temporary);
            }
        }
    }

    private static FileStream OpenNew(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnersOnly;
        }

        return new FileStream(path, options);
    }

    /// <summary>
    /// Gives a file its name where nothing has it, in one step of the file system; throws <see cref="IOException"/> where
    /// something has. False when a second name is still there, to be deleted.
    /// </summary>
    private static bool MoveOntoNothing(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(from, to, overwrite: false);
            return true;
        }

        // On Unix .NET's own move looks first and then renames, and between the two another may have won.
        if (Link(from, to) == 0)
        {
            return false;
        }

        // It is there, or the file system has no links: whoever creates the name has it, and fills it.
        OpenNew(to).Dispose();
        File.Move(from, to, overwrite: true);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    /// <summary>Throws when there is something of the name already.</summary>
    public static void RefuseIfThere(string path)
    {
        if (Path.Exists(path) || IsLink(path))
        {
            throw Failed($"{path} is there already, and is not overwritten: a lost key is lost data. Choose another name, or move that file away", null);
        }
    }

    /// <summary>A folder that only its owner may enter, unless it is there already.</summary>
    public static void CreateFolder(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, OwnersOnly | UnixFileMode.UserExecute);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Failed($"cannot make the folder {path}: {failure.Message}", failure);
        }
    }

    private static void RefuseIfShared(string path, SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        UnixFileMode mode = File.GetUnixFileMode(file);
        if ((mode & OfOthers) != 0)
        {
            string octal = Convert.ToString((int)mode & 0x1ff, 8).PadLeft(4, '0');
            throw Failed($"{path} can be read or written by others than its owner (its mode is {octal}); mend it by: chmod 600 {Quoted(path)}", null);
        }
    }

    private static Secret ReadAll(string path, SafeFileHandle file, int bytesMax)
    {
        // One byte more than allowed, so that a longer file is seen as such; pinned, so that no copy is left in memory.
        using FileStream stream = new(file, FileAccess.Read, bufferSize: 0);
        byte[] buffer = GC.AllocateUninitializedArray<byte>(bytesMax + 1, pinned: true);
        try
        {
            int length = 0;
            while (length < buffer.Length && stream.Read(buffer.AsSpan(length)) is > 0 and var read)
            {
                length += read;
            }

            return length == 0 ? throw Failed($"{path}: the file is empty", null)
                : length > bytesMax ? throw Failed($"{path}: more than {bytesMax} bytes, and so not what is expected here", null)
                : Secret.CopyOf(buffer.AsSpan(0, length));
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static string RandomName()
    {
        Span<byte> bytes = stackalloc byte[8];
        MachineEntropy.Instance.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private static string Quoted(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static OwnerKeyException Failed(string message, Exception? inner) => new(message, inner);
}
