using System.Diagnostics;
using System.Security.Cryptography;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Measure;

/// <summary>
/// The repository, copied to two places and built there by its own settings: in every run one room, in the nightly tests the
/// whole program by <c>./culvert</c>, which takes minutes. (MeasureTests builds a job of a user twice.)
/// </summary>
public class CleanBuildTests : WorkFolder
{
    private static readonly string[] s_sources = ["src", ".ci", "examples/delayed-flights", "culvert", "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig"];

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } folder ? Path.Combine(folder, "dotnet") : "dotnet";

    private static bool IsNightly => Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1";

    [Fact]
    public void Two_copies_in_different_folders_build_the_same_files()
    {
        // Both are copied before either is built, so that somebody who edits meanwhile fails nothing.
        string[] copies = [Copy("one"), Copy("another/and-deeper")];
        string[] built = [.. copies.Select(copy => IsNightly ? Whole(copy) : OneRoom(copy))];

        Assert.Matches("[0-9A-Fa-f]{64}", built[0]);
        Assert.Equal(built[0], built[1]);
    }

    private static string Whole(string copy) =>
        Run(copy, Path.Combine(copy, "culvert"), "measure", Path.Combine(copy, "examples", "delayed-flights"), "--files");

    private static string OneRoom(string copy)
    {
        Run(copy, Dotnet, "build", Path.Combine(copy, "src", "Culvert.Primitives"), "-c", "Release", "-nologo", "-v", "q", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-o", Path.Combine(copy, "out"));
        return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(copy, "out", "Culvert.Primitives.dll"))));
    }

    private string Copy(string folder)
    {
        foreach (string source in s_sources.Select(name => Path.Combine(Repository, name)))
        {
            IEnumerable<string> files = Directory.Exists(source) ? Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories) : [source];
            foreach (string file in files.Where(IsSource))
            {
                string target = Path.Combine(At(folder), Path.GetRelativePath(Repository, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        return At(folder);
    }

    private static bool IsSource(string file)
    {
        string[] parts = Path.GetRelativePath(Repository, file).Split('/');
        return File.Exists(file) && !parts.Contains("bin") && !parts.Contains("obj");
    }

    private static string Run(string folder, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + error.Result);
        return output;
    }
}
