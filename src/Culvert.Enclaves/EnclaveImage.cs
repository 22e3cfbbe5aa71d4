using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Enclaves;

/// <summary>
/// The measured set: the files next to a program that decide what it runs (assemblies, native libraries, the executable,
/// runtime configuration), each with its SHA-256, and one digest over all. Hashed when first asked for. Thread safe.
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

    /// <summary>The files, by name in ordinal order; fails when one cannot be read.</summary>
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
            string[] paths = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(DecidesWhatRuns).Take(FilesMax + 1)];
            if (paths.Length > FilesMax)
            {
                return new Failure(FailureKind.TooLarge, $"{folder} has more than {FilesMax} files; an enclave's program has a folder of its own");
            }

            List<EnclaveImageFile> files = [];
            foreach (string path in paths)
            {
                using FileStream stream = File.OpenRead(path);
                files.Add(new EnclaveImageFile(Path.GetRelativePath(folder, path).Replace('\\', '/'), stream.Length, SHA256.HashData(stream)));
            }

            files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            return files;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"cannot measure the enclave's image: {failure.Message}");
        }
    }

    /// <summary>All but symbols, documentation and what tests and builds leave behind.</summary>
    private static bool DecidesWhatRuns(string path) =>
        Path.GetExtension(path) is "" or ".dll" or ".so" || path.EndsWith(".runtimeconfig.json", StringComparison.Ordinal)
        || path.EndsWith(".deps.json", StringComparison.Ordinal) || path.Contains(".so.", StringComparison.Ordinal);
}
