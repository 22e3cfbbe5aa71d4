using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Storage;

/// <summary>
/// A cloud that is a folder: of this machine, or mounted. An object is a file; it is written beside, flushed, and renamed, so that
/// after a crash it is there whole or not at all. Conditional puts take a hard link, which of two at once lets one through. Thread
/// safe, also between processes. A call that hangs in the system (a mount whose server is gone) is left behind when cancelled.
/// </summary>
/// <remarks>
/// What lies in the folder is not trusted: symbolic links are not followed, pipes and devices not waited for, and files whose names
/// no object can have are passed over. The folder itself is the user's word, and may be a link.
/// </remarks>
public sealed class FolderCloud : ICloud, IFolderTree
{
    // No object's name holds a tilde.
    private const string PutFolder = "~put";

    // What is read at once.
    private const int PieceBytes = 256 << 10;

    // Longer than any put takes: what is older was left by a crash.
    private static readonly TimeSpan s_leftoverAge = TimeSpan.FromDays(1);

    private readonly string _root;
    private readonly IClock _clock;
    private readonly IEntropy _entropy;
    private volatile bool _hasLinks = !OperatingSystem.IsWindows();

    /// <summary>A folder's cloud; nothing is read or made yet.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="folder">Its path; need not be there.</param>
    /// <param name="clock">Tells what is left from long ago.</param>
    /// <param name="entropy">Names of temporary files.</param>
    public FolderCloud(string name, string folder, IClock clock, IEntropy entropy) =>
        (Name, _root, _clock, _entropy) = (name, Path.GetFullPath(folder), clock, entropy);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public CloudTraits Traits => new(ConditionalPut: _hasLinks);

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) =>
        RunAsync("create", Create, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken) =>
        new FolderWalk(this, prefix, after).ListAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudRead>> GetAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        using LentBuffer lent = new(destination);
        return await RunAsync($"get '{name}'", () => Read(name, offset, lent), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) =>
        RunAsync($"put '{name}'", () => Put(name, content.Span, condition, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) =>
        RunAsync($"remove '{name}'", () => Remove(name), cancellationToken);

    ValueTask<CloudOutcome<List<FolderChild>>> IFolderTree.ChildrenAsync(string folder, CancellationToken cancellationToken) =>
        RunAsync($"list '{folder}'", () => Children(folder), cancellationToken);

    ValueTask<CloudOutcome<CloudDone>> IFolderTree.FindAsync(CancellationToken cancellationToken) =>
        RunAsync<CloudDone>("list", () => Directory.Exists(_root) ? default(CloudDone) : NoContainer(), cancellationToken);

    private CloudOutcome<CloudDone> Create()
    {
        string temporary = Path.Combine(_root, PutFolder);
        Directory.CreateDirectory(temporary);
        FolderCalls.Flush(_root);
        foreach (FileInfo file in new DirectoryInfo(temporary).EnumerateFiles())
        {
            if (_clock.UtcNow - file.LastWriteTimeUtc > s_leftoverAge)
            {
                file.Delete();
            }
        }

        // Whether links work here.
        string probe = NewTemporary();
        string second = NewTemporary();
        File.WriteAllBytes(probe, []);
        try
        {
            _hasLinks = FolderCalls.TryLink(probe, second) is not null;
        }
        finally
        {
            File.Delete(probe);
            File.Delete(second);
        }

        return default(CloudDone);
    }

    private CloudOutcome<CloudRead> Read(string name, long offset, LentBuffer destination)
    {
        if (Refuse(name) is { } failure)
        {
            return failure;
        }

        using SafeFileHandle file = FolderCalls.OpenToRead(PathOf(name));
        long length = RandomAccess.GetLength(file);
        byte[] piece = ArrayPool<byte>.Shared.Rent(Math.Min(destination.Length, PieceBytes));
        int read = 0;
        int step;
        do
        {
            step = RandomAccess.Read(file, piece.AsSpan(0, Math.Min(piece.Length, destination.Length - read)), offset + read);
            read += step;
        }
        while (destination.TryWrite(read - step, piece.AsSpan(0, step)) && step > 0 && read < destination.Length);

        ArrayPool<byte>.Shared.Return(piece);
        return new CloudRead(read, length);
    }

    private CloudOutcome<CloudDone> Put(string name, ReadOnlySpan<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_root))
        {
            return NoContainer();
        }

        if (Refuse(name) is { } failure)
        {
            return failure;
        }

        string path = PathOf(name);
        MakeFolders(Path.Combine(_root, PutFolder));
        string temporary = NewTemporary();
        try
        {
            using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }

            // Until here a cancelled caller may have changed the content.
            cancellationToken.ThrowIfCancellationRequested();
            MakeFolders(Path.GetDirectoryName(path)!);
            if (!Publish(temporary, path, condition))
            {
                return new CloudFailure(CloudFailureKind.Exists, $"{Name}: put '{name}': there is one already");
            }

            FolderCalls.Flush(Path.GetDirectoryName(path)!);
            return default(CloudDone);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private bool Publish(string temporary, string path, PutCondition condition)
    {
        if (condition == PutCondition.Always)
        {
            File.Move(temporary, path, overwrite: true);
            return true;
        }

        if (_hasLinks && FolderCalls.TryLink(temporary, path) is { } linked)
        {
            return linked;
        }

        _hasLinks = false;
        if (Path.Exists(path))
        {
            return false;
        }

        File.Move(temporary, path, overwrite: true);
        return true;
    }

    private CloudOutcome<CloudDone> Remove(string name)
    {
        if (Refuse(name) is { } failure)
        {
            return failure.Kind == CloudFailureKind.Absent ? default(CloudDone) : failure;
        }

        string path = PathOf(name);
        if (File.Exists(path))
        {
            File.Delete(path);
            FolderCalls.Flush(Path.GetDirectoryName(path)!);
        }

        return default(CloudDone);
    }

    private CloudOutcome<List<FolderChild>> Children(string folder)
    {
        if (folder.Length > 0 && Refuse(folder + "x") is { } failure)
        {
            return failure;
        }

        List<FolderChild> children = [];
        foreach (FileSystemInfo entry in new DirectoryInfo(Path.Combine(_root, folder)).EnumerateFileSystemInfos())
        {
            if ((entry.Attributes & FileAttributes.ReparsePoint) == 0 && CloudName.IsSound(entry.Name))
            {
                children.Add(new FolderChild(entry.Name, entry is DirectoryInfo, entry is FileInfo file ? LengthOf(file) : 0));
            }
        }

        return children;
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            // Gone since it was listed; whoever reads it learns so.
            return 0;
        }
    }

    /// <summary>Null unless some part of the way, or the file, is a symbolic link.</summary>
    private CloudFailure? Refuse(string name)
    {
        string path = _root;
        foreach (string part in name.Split('/'))
        {
            path = Path.Combine(path, part);
            FileInfo info = new(path);
            if (info.LinkTarget is not null)
            {
                return new CloudFailure(CloudFailureKind.Malformed, $"{Name}: '{name}' leads through a symbolic link, which is not followed");
            }
        }

        return null;
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
        FolderCalls.Flush(parent);
    }

    private string PathOf(string name)
    {
        CloudName.Require(name);
        return Path.Combine(_root, name);
    }

    private string NewTemporary() => Path.Combine(_root, PutFolder, CloudTemporary.NewName(_entropy));

    private CloudFailure NoContainer() => File.Exists(_root)
        ? new(CloudFailureKind.Unavailable, $"{Name}: {_root} is no folder")
        : new(CloudFailureKind.Absent, $"{Name}: there is no folder {_root}");

    private async ValueTask<CloudOutcome<T>> RunAsync<T>(string what, Func<CloudOutcome<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await Task.Run(() => Guarded(what, call), CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private CloudOutcome<T> Guarded<T>(string what, Func<CloudOutcome<T>> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // A file in the folder's own place is a cloud that is not there, and no wrong answer of one.
            return File.Exists(_root) ? NoContainer() : new CloudFailure(KindOf(e), $"{Name}: {what}: {e.Message}");
        }
    }

    private static CloudFailureKind KindOf(Exception e) => e switch
    {
        UnauthorizedAccessException => CloudFailureKind.Refused,
        FileNotFoundException or DirectoryNotFoundException => CloudFailureKind.Absent,

        // A pipe or a device where a file should be.
        NotSupportedException => CloudFailureKind.Malformed,

        // .NET keeps the system's error number: ENOSPC, EDQUOT, EFBIG; EROFS; ENOTDIR, EISDIR, ENXIO; ENOTEMPTY.
        _ => e.HResult switch
        {
            28 or 122 or 27 => CloudFailureKind.Full,
            13 or 30 => CloudFailureKind.Refused,
            20 or 21 or 6 or 39 => CloudFailureKind.Malformed,
            _ => CloudFailureKind.Unavailable,
        },
    };
}
