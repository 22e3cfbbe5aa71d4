namespace Culvert.Attestation;

/// <summary>
/// The port to the machine's special files, by absolute path. Each call is one system call or a few; nothing is buffered, since
/// kernels give meaning to single reads and writes.
/// </summary>
public interface IHostFiles
{
    /// <summary>Whether there is a folder of that path.</summary>
    bool HasFolder(string path);

    /// <summary>Whether there is a file of that path.</summary>
    bool HasFile(string path);

    /// <summary>Makes a folder; refused when there is one, or the kernel refuses.</summary>
    Outcome<bool> MakeFolder(string path);

    /// <summary>Removes a folder that the kernel filled; its entries need not be removed before.</summary>
    Outcome<bool> RemoveFolder(string path);

    /// <summary>Reads a file whole; refused when it has over <paramref name="bytesMax"/>.</summary>
    Outcome<byte[]> Read(string path, int bytesMax);

    /// <summary>Writes in one call.</summary>
    Outcome<bool> Write(string path, ReadOnlySpan<byte> content);
}
