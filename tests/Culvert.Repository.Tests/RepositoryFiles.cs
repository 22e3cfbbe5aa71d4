using System.ComponentModel;
using System.Diagnostics;

namespace Culvert.Repository.Tests;

/// <summary>The repository's own files, as a newcomer's clone has them.</summary>
internal static class RepositoryFiles
{
    private static readonly string[] s_notOurs = ["bin", "obj", ".build", ".git", "node_modules", "TestResults"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Paths of all files from the root, with forward slashes, in ordinal order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Walk(Root).Order(StringComparer.Ordinal)];

    /// <summary>The files of some endings.</summary>
    public static IEnumerable<string> Ending(params string[] endings) =>
        All.Where(path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)));

    /// <summary>A file's text.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Whether a file or folder is there.</summary>
    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>What Git would keep: tracked files, and new ones that nothing ignores. Where Git cannot tell, all that is not built.</summary>
    private static IEnumerable<string> Walk(string folder) =>
        Kept(folder)?.Distinct().Where(path => File.Exists(Path.Combine(folder, path)))
        ?? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => s_notOurs.Contains(part)));

    private static string[]? Kept(string folder)
    {
        ProcessStartInfo start = new("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process git = Process.Start(start)!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            string[] listed = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
            git.WaitForExit();
            return git.ExitCode == 0 && listed.Length > 0 ? listed : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Culvert.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }
}
