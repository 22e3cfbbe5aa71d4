namespace Culvert.Benchmarks.Processes;

/// <summary>The command <c>./culvert</c>, built once before anything is measured.</summary>
internal static class CulvertCommand
{
    /// <summary>Where it is.</summary>
    public static string Path { get; } = Repository.PathOf("culvert");

    /// <summary>The job file of the delayed flights.</summary>
    public static string DelayedFlights { get; } = Repository.PathOf("examples", "delayed-flights", "job.yaml");

    private static readonly Lazy<string> s_usage = new(() => Repository.Run(Path, ["--help"]));

    /// <summary>Null when it can run job files; else why not, for people.</summary>
    public static string? WhyMissing() =>
        s_usage.Value.Contains("run", StringComparison.Ordinal) ? null : "this commit's culvert has no 'run' yet";

    /// <summary>The arguments that run the delayed flights over a file.</summary>
    public static string[] Arguments(string file) => ["run", DelayedFlights, "--input", file, "--workers", "2", "--format", "json"];

    /// <summary>The program that the command becomes once it is built, or null when it cannot be built here.</summary>
    public static string? BuiltProgram()
    {
        try
        {
            _ = s_usage.Value;
        }
        catch (InvalidOperationException)
        {
            return null;
        }

        // Builds are kept in folders that are named for their sources; the newest is the one that has just answered.
        DirectoryInfo builds = new(Repository.PathOf(".build", "cli"));
        return !builds.Exists ? null : builds.EnumerateDirectories()
            .OrderByDescending(folder => folder.LastWriteTimeUtc)
            .Select(folder => System.IO.Path.Combine(folder.FullName, "culvert"))
            .FirstOrDefault(File.Exists);
    }
}
