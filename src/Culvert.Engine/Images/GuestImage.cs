using Culvert.Enclaves;

namespace Culvert.Engine;

/// <summary>
/// What a guest of SEV-SNP or TDX boots beside its kernel: a program's measured files, the loader and libraries of the system
/// that they need, and the first process. Libraries are found by what the files name, and OpenSSL, which .NET loads by name.
/// </summary>
public sealed class GuestImage
{
    /// <summary>Where the program lies in the guest.</summary>
    public const string ProgramFolder = "culvert";

    private const string FirstProcess = "init";

    private static readonly string[] s_libraryFolders =
        ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64", "lib", "usr/lib"];

    /// <summary>.NET loads these when a program uses cryptography.</summary>
    private static readonly string[] s_loadedByName = ["libssl.so.3", "libcrypto.so.3"];

    private readonly string _system;
    private readonly HashSet<string> _program;
    private readonly SortedDictionary<string, string> _libraries = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _missing = new(StringComparer.Ordinal);
    private readonly Queue<string> _toRead = new();

    private GuestImage(string system, HashSet<string> program) => (_system, _program) = (system, program);

    /// <summary>The system's files that go in, by name in the guest, with the path that they are read from.</summary>
    public IReadOnlyDictionary<string, string> SystemFiles => _libraries;

    /// <summary>Libraries that a file names and the system does not have, with the file's name.</summary>
    public IReadOnlyCollection<string> Missing => _missing;

    /// <summary>What the ramdisk is made of.</summary>
    public IReadOnlyList<RamdiskEntry> Entries { get; private set; } = [];

    /// <summary>
    /// Collects an image. <paramref name="program"/> is its executable's name in the folder, <paramref name="system"/> the root
    /// of the system whose libraries go in, and <paramref name="first"/> the file of the first process, or null for the program.
    /// Fails when a file cannot be read or is for another processor, or a program's loader is not found.
    /// </summary>
    public static Outcome<GuestImage> Of(EnclaveImage image, string program, string system, string? first)
    {
        if (!image.Files.Succeeded)
        {
            return image.Files.Failure;
        }

        string[] names = [.. image.Files.Value.Select(file => file.Name)];
        if (!names.Contains(program))
        {
            return new Failure(FailureKind.Missing, $"{image.Folder} has no program {program}");
        }

        GuestImage guest = new(system, [.. names.Select(name => Path.GetFileName(name))]);
        try
        {
            Failure? failure = guest.Collect([.. names.Select(name => Path.Join(image.Folder, name)), .. first is null ? [] : new[] { first }]);
            if (failure is not null)
            {
                return failure;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"cannot read what the guest needs: {failure.Message}");
        }

        guest.Entries =
        [
            RamdiskEntry.Folder("dev"), RamdiskEntry.Console, RamdiskEntry.Folder("proc"), RamdiskEntry.Folder("sys"), RamdiskEntry.Folder("tmp"),
            first is null ? RamdiskEntry.Link(FirstProcess, $"{ProgramFolder}/{program}") : RamdiskEntry.File(FirstProcess, first),
            .. names.Select(name => RamdiskEntry.File($"{ProgramFolder}/{name}", Path.Join(image.Folder, name))),
            .. guest._libraries.Select(library => RamdiskEntry.File(library.Key, library.Value)),
        ];
        return guest;
    }

    private Failure? Collect(string[] paths)
    {
        foreach (string path in paths)
        {
            _toRead.Enqueue(path);
        }

        foreach (string name in s_loadedByName)
        {
            // Present or not, as the system has them: a program without cryptography runs without.
            _ = Add(name);
        }

        while (_toRead.TryDequeue(out string? next))
        {
            if (Read(next) is not { } file)
            {
                continue;
            }

            if (!file.Succeeded)
            {
                return new Failure(file.Failure.Kind, $"{next}: {file.Failure.Message}");
            }

            if (file.Value.Interpreter is { } loader && !AddAt(loader.TrimStart('/')))
            {
                return new Failure(FailureKind.Missing, $"{next} needs {loader}, which is not below {_system}");
            }

            foreach (string needed in file.Value.Needed)
            {
                if (!_program.Contains(needed) && !Add(needed))
                {
                    // .NET brings libraries that load only where others are installed (for tracing), and does without them.
                    _missing.Add($"{needed} (for {Path.GetFileName(next)})");
                }
            }
        }

        return null;
    }

    private static Outcome<ElfFile>? Read(string path)
    {
        Span<byte> begin = stackalloc byte[64];
        using (FileStream stream = File.OpenRead(path))
        {
            if (stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) < begin.Length || !ElfFile.Is(begin))
            {
                return null;
            }
        }

        return ElfFile.Read(File.ReadAllBytes(path));
    }

    private bool Add(string library) => s_libraryFolders.Any(folder => AddAt($"{folder}/{library}"));

    private bool AddAt(string name)
    {
        string path = Path.Join(_system, name);
        if (_libraries.ContainsKey(name))
        {
            return true;
        }

        if (!File.Exists(path))
        {
            return false;
        }

        _libraries.Add(name, path);
        _toRead.Enqueue(path);
        return true;
    }
}
