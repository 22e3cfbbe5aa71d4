using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Enclaves;

/// <summary>
/// The measured set: all files in a program's folder and below, but for symbols and documentation, each with its SHA-256, and
/// one digest over all (docs/specs/enclave-image.md). Hashed when first asked for. Thread safe.
/// </summary>
public sealed class EnclaveImage
{
    /// <summary>More files than this are not a program's folder.</summary>
    public const int FilesMax = 10_000;

    private readonly Lazy<Outcome<IReadOnlyList<EnclaveImageFile>>> _files;

    /// <summary>The image of the program in a folder.</summary>
    public EnclaveImage(string folder)
    {
        Folder = Path.GetFullPath(folder);
        _files = new(() => Measure(Folder));
    }

    /// <summary>Where the program lies.</summary>
    public string Folder { get; }

    /// <summary>The files, by name in ordinal order; fails when one cannot be read, is a symbolic link, or changes meanwhile.</summary>
    public Outcome<IReadOnlyList<EnclaveImageFile>> Files => _files.Value;

    /// <summary>
    /// SHA-256 over <c>culvert image 1</c>, a zero byte and, for each file in order, the length of its name (4 bytes,
    /// little-endian), its name (UTF-8, <c>/</c> between folders) and its SHA-256.
    /// </summary>
    public Outcome<ReadOnlyMemory<byte>> Digest()
    {
        if (!Files.Succeeded)
        {
            return Files.Failure;
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("culvert image 1\0"u8);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (EnclaveImageFile file in Files.Value)
        {
            byte[] name = Encoding.UTF8.GetBytes(file.Name);
            BinaryPrimitives.WriteInt32LittleEndian(length, name.Length);
            hash.AppendData(length);
            hash.AppendData(name);
            hash.AppendData(file.Sha256.Span);
        }

        return (ReadOnlyMemory<byte>)hash.GetHashAndReset();
    }

    private static Outcome<IReadOnlyList<EnclaveImageFile>> Measure(string folder)
    {
        try
        {
            List<EnclaveImageFile> files = [];
            Failure? failure = Measure(new DirectoryInfo(folder), folder, files);
            if (failure is not null)
            {
                return failure;
            }

            files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            return files;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"cannot measure the enclave's image: {failure.Message}");
        }
    }

    private static Failure? Measure(DirectoryInfo folder, string root, List<EnclaveImageFile> files)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            string name = Path.GetRelativePath(root, entry.FullName).Replace('\\', '/');
            if (entry.LinkTarget is not null)
            {
                // What it leads to may lie anywhere, and change without the folder changing.
                return new Failure(FailureKind.Malformed, $"{name} in {root} is a symbolic link; an enclave's image consists of files");
            }

            Failure? failure = entry switch
            {
                DirectoryInfo inner => Measure(inner, root, files),
                FileInfo file when DecidesWhatRuns(file.Name) => Measure(file, name, root, files),
                _ => null,
            };
            if (failure is not null)
            {
                return failure;
            }
        }

        return null;
    }

    private static Failure? Measure(FileInfo file, string name, string root, List<EnclaveImageFile> files)
    {
        if (files.Count == FilesMax)
        {
            return new Failure(FailureKind.TooLarge, $"{root} has more than {FilesMax} files; an enclave's program has a folder of its own");
        }

        using FileStream stream = file.OpenRead();
        (long length, DateTime written) = (stream.Length, file.LastWriteTimeUtc);
        byte[] hash = SHA256.HashData(stream);
        file.Refresh();
        if (stream.Position != length || file.Length != length || file.LastWriteTimeUtc != written)
        {
            return new Failure(FailureKind.Io, $"{name} in {root} changed while it was measured");
        }

        files.Add(new EnclaveImageFile(name, length, hash));
        return null;
    }

    /// <summary>
    /// All but symbols and documentation. Not a list of what .NET loads: a library has whatever name its caller asks for, and
    /// hosts read files that few people know (<c>*.runtimeconfig.dev.json</c> names folders to load from).
    /// </summary>
    private static bool DecidesWhatRuns(string name) => Path.GetExtension(name) is not (".pdb" or ".xml");
}
