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
}
