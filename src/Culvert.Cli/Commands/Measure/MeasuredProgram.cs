using System.Collections.Immutable;
using System.Text.Json;
using Culvert.Attestation;
using Culvert.Cli.Jobs;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Measure;

/// <summary>
/// The program whose image an enclave runs: this one for a job file, and a C# job's own, built for the purpose into a folder
/// that is removed with this.
/// </summary>
internal sealed class MeasuredProgram : IDisposable
{
    private const string JobFileName = "job.yaml";
    private const string ConfigurationSuffix = ".runtimeconfig.json";

    private readonly string? _scratch;

    private MeasuredProgram(string folder, string executable, Plan? plan, string? scratch)
    {
        (Image, Executable, Plan, _scratch) = (new EnclaveImage(folder), executable, plan, scratch);
        if (!Image.Files.Succeeded)
        {
            throw new CommandFailedException(ExitCode.Failed, Image.Files.Failure.Message);
        }

        Settings = ReadSettings();
    }

    internal EnclaveImage Image { get; }

    /// <summary>The file's name that is started.</summary>
    internal string Executable { get; }

    /// <summary>The job's plan with its open choice of protection made for enclaves; null when only the program knows it.</summary>
    internal Plan? Plan { get; }

    /// <summary>What of the runtime and its configuration is measured.</summary>
    internal IReadOnlyList<(string Name, string Value)> Settings { get; }

    /// <summary>.NET itself is in the image.</summary>
    internal bool BringsItsRuntime { get; private set; }

    /// <summary>Finds, and for C# builds, what a path leads to; says what it should lead to otherwise.</summary>
    internal static MeasuredProgram Of(string path)
    {
        string job = Path.Join(path, JobFileName);
        if (File.Exists(job) || (File.Exists(path) && !path.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            return OfJobFile(File.Exists(job) ? job : path);
        }

        string[] projects = Directory.Exists(path) ? Directory.GetFiles(path, "*.csproj") : File.Exists(path) ? [path] : [];
        if (projects is [string project])
        {
            return OfProject(project);
        }

        return projects.Length == 0 && Directory.Exists(path) && ProgramIn(path) is { } built
            ? new MeasuredProgram(path, built, plan: null, scratch: null)
            : throw CommandFailedException.Usage($"{path}: neither a job file, nor a folder with {JobFileName}, with one C# project, or with a program that was built");
    }

    internal MeasurementDocument Describe(EvidenceKind kind) => new()
    {
        Kind = kind,
        Values = ImmutableSortedDictionary<string, string>.Empty,
        Description = $"{Executable}{(Version() is { } version ? $" {version}" : "")}, {Image.Files.Value.Count} files, image {Convert.ToHexStringLower(Digest().Span)[..16]}",
        ImageDigest = Digest(),
        Job = Plan is null ? null : (Plan.JobName, Plan.Digest),
        Settings = [.. Settings],
        Files = [.. Image.Files.Value.Select(file => new MeasuredFile(file.Name, file.Length, file.Sha256))],
    };

    public void Dispose()
    {
        if (_scratch is not null)
        {
            Directory.Delete(_scratch, recursive: true);
        }
    }

    /// <summary>Copies the measured files into a folder.</summary>
    internal void CopyTo(string folder)
    {
        foreach (EnclaveImageFile file in Image.Files.Value)
        {
            string target = Path.Join(folder, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Join(Image.Folder, file.Name), target);
        }
    }

    private static MeasuredProgram OfJobFile(string path)
    {
        LoadedJob loaded = LoadedJob.Load(new JobRequest(path));
        Plan plan = Plan.Compile(JobProtection.Apply(loaded.File.Job, Protection.Enclave));
        return new MeasuredProgram(AppContext.BaseDirectory, "culvert", plan, scratch: null);
    }

    private static MeasuredProgram OfProject(string project)
    {
        string scratch = Directory.CreateTempSubdirectory("culvert-image-").FullName;
        try
        {
            string folder = Path.Join(scratch, "program");
            Output.Terminal.Error.WriteLine($"building {project}…");
            if (ProgramBuild.Publish(project, folder) is { } failure)
            {
                throw new CommandFailedException(ExitCode.Failed, failure.Message);
            }

            string built = ProgramIn(folder) ?? throw CommandFailedException.Usage($"{project} is not a program (OutputType is not Exe)");
            return new MeasuredProgram(folder, built, plan: null, scratch);
        }
        catch
        {
            Directory.Delete(scratch, recursive: true);
            throw;
        }
    }

    /// <summary>The name of the only program in a folder; null when there are none or several.</summary>
    private static string? ProgramIn(string folder) =>
        Directory.GetFiles(folder, $"*{ConfigurationSuffix}") is [string only] ? Path.GetFileName(only)[..^ConfigurationSuffix.Length] : null;

    private ReadOnlyMemory<byte> Digest() => Image.Digest().Value;

    private string? Version()
    {
        string assembly = Path.Join(Image.Folder, $"{Executable}.dll");
        return File.Exists(assembly) ? System.Reflection.AssemblyName.GetAssemblyName(assembly).Version?.ToString(3) : null;
    }

    private List<(string Name, string Value)> ReadSettings()
    {
        List<(string Name, string Value)> settings = [];
        string path = Path.Join(Image.Folder, $"{Executable}{ConfigurationSuffix}");
        if (!File.Exists(path))
        {
            throw new CommandFailedException(ExitCode.Failed, $"{Image.Folder} has no {Path.GetFileName(path)}, so it is not a .NET program as it is built");
        }

        using JsonDocument configuration = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement options = configuration.RootElement.GetProperty("runtimeOptions");
        BringsItsRuntime = options.TryGetProperty("includedFrameworks", out JsonElement frameworks);
        settings.Add(("runtime", BringsItsRuntime
            ? string.Join(", ", frameworks.EnumerateArray().Select(f => $"{f.GetProperty("name").GetString()} {f.GetProperty("version").GetString()}, in the image"))
            : "outside the image, not measured"));
        if (options.TryGetProperty("configProperties", out JsonElement properties))
        {
            settings.AddRange(properties.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => (p.Name, p.Value.ToString())));
        }

        return settings;
    }
}
