using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Engine;

/// <summary>
/// Blobs as files of a folder. A blob is written to a temporary file, flushed, and renamed, and the folder is flushed: after a
/// crash it is there whole or not at all. Unless it is shared, one process at a time has the folder open; the lock goes with the
/// process, so that a killed one leaves nothing to clean up. Thread safe.
/// Failures of the disk are thrown as <see cref="IOException"/> that names the path and the bytes.
/// </summary>
public sealed class FolderBlobs : IBlobs, IDisposable
{
    private const string LockName = ".lock";
    private const string TemporaryName = ".temporary";

    private readonly string _root;
    private readonly string _temporary;
    private readonly FileStream? _lock;
    private long _temporaries;

    /// <summary>
    /// Opens a folder, which is made if it is not there, and removes what a crash left half written.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isShared">Several processes may have it open; of two that put one name the last wins. Default: one process alone.</param>
    /// <exception cref="IOException">The folder is open already, here or in another process, or cannot be made.</exception>
    public FolderBlobs(string folder, bool isShared = false)
    {
        _root = Path.GetFullPath(folder);
        Directory.CreateDirectory(_root);
        _lock = isShared ? null : TakeLock(_root);

        // Shared: each process has a place of its own, so that nobody removes what another is writing.
        _temporary = Path.Combine(
            _root, isShared ? string.Create(CultureInfo.InvariantCulture, $"{TemporaryName}-{Environment.ProcessId}") : TemporaryName);
        if (Directory.Exists(_temporary))
        {
            Directory.Delete(_temporary, recursive: true);
        }

        Directory.CreateDirectory(_temporary);
        FolderFlush.Flush(_root);
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        string temporary = Path.Combine(_temporary, Interlocked.Increment(ref _temporaries).ToString(CultureInfo.InvariantCulture));
        try
        {
            MakeFolders(Path.GetDirectoryName(path)!);
            using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await RandomAccess.WriteAsync(file, content, 0, cancellationToken).ConfigureAwait(false);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, path, overwrite: true);
            FolderFlush.Flush(Path.GetDirectoryName(path)!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new IOException($"cannot store {content.Length} bytes as {path}: {failure.Message}", failure);
        }
        catch (OperationCanceledException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken)
    {
        FileInfo file = new(PathOf(name));
        return ValueTask.FromResult<long?>(file.Exists ? file.Length : null);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        if (!File.Exists(path))
        {
            return 0;
        }

        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        int read = 0;
        while (read < destination.Length)
        {
            int step = await RandomAccess.ReadAsync(file, destination[read..], offset + read, cancellationToken)
                .ConfigureAwait(false);
            if (step == 0)
            {
                break;
            }

            read += step;
        }

        return read;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        List<string> names = [];
        foreach (string path in Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/');
            if (!name.StartsWith('.') && name.StartsWith(prefix, StringComparison.Ordinal))
            {
                names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return ValueTask.FromResult<IReadOnlyList<string>>(names);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        if (File.Exists(path))
        {
            File.Delete(path);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose()
    {
        if (_lock is not null)
        {
            _lock.Dispose();
        }
        else if (Directory.Exists(_temporary))
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }

    private static FileStream TakeLock(string root)
    {
        string path = Path.Combine(root, LockName);
        try
        {
            // The system frees the lock when its process ends, however it ends.
            FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return file;
        }
        catch (IOException failure)
        {
            throw new IOException(
                $"cannot open {root}: another run has it open (its lock is {path}); end that run, or name another folder", failure);
        }
    }

    private void MakeFolders(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        string parent = Path.GetDirectoryName(folder)!;
        if (folder.Length > _root.Length)
        {
            MakeFolders(parent);
        }

        Directory.CreateDirectory(folder);
        FolderFlush.Flush(parent);
    }

    /// <summary>A name's path; names that could lead elsewhere, or to the folder's own files, are programming errors.</summary>
    private string PathOf(string name)
    {
        bool isSound = name.Length > 0 && !name.Contains('\\', StringComparison.Ordinal) && !name.Contains(':', StringComparison.Ordinal)
            && !name.Contains('\0', StringComparison.Ordinal)
            && name.Split('/').All(part => part.Length > 0 && part[0] != '.');
        return isSound
            ? Path.Combine(_root, name)
            : throw new ArgumentException($"'{name}' is no blob's name: it has to be relative, with no part that begins with a dot", nameof(name));
    }
}
