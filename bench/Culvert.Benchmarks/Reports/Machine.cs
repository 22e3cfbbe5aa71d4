using System.Globalization;
using System.Runtime.InteropServices;

namespace Culvert.Benchmarks.Reports;

/// <summary>What a figure was measured on.</summary>
public sealed record Machine(
    string Processor, int Cores, double MemoryGigabytes, string OperatingSystem, string Runtime, string Commit, DateTime Date)
{
    /// <summary>This machine, now.</summary>
    public static Machine Describe() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        CommitName(),
        DateTime.UtcNow);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores, {MemoryGigabytes:F0} GB, {OperatingSystem}, {Runtime}, commit {Commit}, {Date:yyyy-MM-dd HH:mm} UTC");

    private static string ProcessorName()
    {
        const string Facts = "/proc/cpuinfo";
        string? line = File.Exists(Facts)
            ? File.ReadLines(Facts).FirstOrDefault(fact => fact.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string CommitName()
    {
        try
        {
            string commit = Repository.Run("git", ["rev-parse", "--short=10", "HEAD"]).Trim();
            return Repository.Run("git", ["status", "--porcelain", "--untracked-files=no"]).Length == 0 ? commit : commit + "-changed";
        }
        catch (Exception failed) when (failed is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
