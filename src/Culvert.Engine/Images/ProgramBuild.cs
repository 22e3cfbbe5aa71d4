using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security;

namespace Culvert.Engine;

/// <summary>
/// Builds a C# program so that the same sources give the same files wherever they lie: published with the runtime inside, by
/// the SDK that <c>dotnet</c> is, without symbols, and without anything of the build's folders, time or commit.
/// </summary>
public static class ProgramBuild
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>The platform that is built for: what runs here, never what the SDK would choose.</summary>
    public static string Runtime => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";

    /// <summary>
    /// Publishes a project into a folder that is not there yet. Intermediate files go to a folder of their own, which is removed.
    /// Fails with the compiler's output when the build fails.
    /// </summary>
    public static Failure? Publish(string project, string folder)
    {
        if (FindDotnet() is not { } dotnet)
        {
            return new Failure(FailureKind.Missing, "a C# job is measured by building it, and there is no dotnet (looked in DOTNET_ROOT and PATH)");
        }

        string scratch = Directory.CreateTempSubdirectory("culvert-build-").FullName;
        try
        {
            string targets = Path.Join(scratch, "measured.targets");
            File.WriteAllText(targets, Targets(RootOf(project), Path.Join(scratch, "artifacts")));
            return Run(dotnet, Arguments(project, folder, scratch, targets), scratch);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return new Failure(FailureKind.Io, $"cannot build {project}: {failure.Message}");
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static string[] Arguments(string project, string folder, string scratch, string targets) =>
    [
        "publish", Path.GetFullPath(project), "--configuration", "Release", "--output", Path.GetFullPath(folder),
        "--runtime", Runtime, "--self-contained", "true", "-nologo", "-verbosity:quiet", "-nodeReuse:false",
        "-p:UseSharedCompilation=false", "-p:UseArtifactsOutput=true", $"-p:ArtifactsPath={Path.Join(scratch, "artifacts")}",
        "-p:Deterministic=true", "-p:ContinuousIntegrationBuild=true", "-p:DebugType=none", "-p:GenerateDocumentationFile=false",
        "-p:EnableSourceLink=false", "-p:IncludeSourceRevisionInInformationalVersion=false", "-p:PublishRepositoryUrl=false",
        $"-p:CustomAfterMicrosoftCommonTargets={targets}",
    ];

    /// <summary>What has to be said behind the project's own settings, and differs from project to project.</summary>
    private static string Targets(string root, string artifacts) => $"""
        <Project>
          <PropertyGroup>
            <PathMap>{Escape(artifacts)}/=/_artifacts/,{Escape(root)}/=/_/</PathMap>
            <NuGetLockFilePath>{Escape(artifacts)}/locks/$(MSBuildProjectName).lock.json</NuGetLockFilePath>
          </PropertyGroup>
        </Project>
        """;

    /// <summary>Where the sources begin: the repository, else the outermost folder with settings for builds, else the project's.</summary>
    private static string RootOf(string project)
    {
        string own = Path.GetDirectoryName(Path.GetFullPath(project))!;
        string root = own;
        for (string? at = own; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(Path.Join(at, ".git")))
            {
                return at;
            }

            if (File.Exists(Path.Join(at, "Directory.Build.props")))
            {
                root = at;
            }
        }

        return root;
    }

    private static Failure? Run(string dotnet, string[] arguments, string scratch)
    {
        ProcessStartInfo start = new(dotnet, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(dotnet);
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_HOME"] = Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") ?? scratch;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            return new Failure(FailureKind.Io, $"the build took more than {s_patience.TotalMinutes} minutes and was ended");
        }

        Task.WaitAll(output, error);
        return process.ExitCode == 0 ? null : new Failure(FailureKind.Malformed, $"the build failed:\n{output.Result}{error.Result}".TrimEnd());
    }

    private static string? FindDotnet()
    {
        string?[] folders = [Environment.GetEnvironmentVariable("DOTNET_ROOT"), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)];
        string? found = folders.Where(folder => !string.IsNullOrEmpty(folder)).Select(folder => Path.Join(folder, "dotnet")).FirstOrDefault(File.Exists);
        return found is null ? null : new FileInfo(found).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? found;
    }

    private static string Escape(string path) => SecurityElement.Escape(path).Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);
}
