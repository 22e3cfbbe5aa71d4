using System.Globalization;
using Culvert.Benchmarks.Processes;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary><c>culvert bench securestreams</c>.</summary>
internal static class SecureStreamsCommand
{
    /// <summary>Measures, tells what was asked for and reached, and writes the page and the figures.</summary>
    internal static async Task<int> RunAsync(SecureStreamsOptions options, TextWriter output, TextWriter progress)
    {
        SecureStreamsFigures figures;
        try
        {
            figures = await SecureStreamsBenchmark.MeasureAsync(
                options, Environment.ProcessPath!, CulvertCommand.BuiltProgram(), progress).ConfigureAwait(false);
        }
        catch (InvalidOperationException failed)
        {
            progress.WriteLine($"culvert bench: {failed.Message}");
            return 1;
        }

        foreach (SecureStreamsGoal goal in SecureStreamsGoals.Of(figures))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {(goal.IsReached ? "reached" : "missed"),-8} {goal.Measured,10} of {goal.Asked,-10} {goal.What}"));
        }

        string page = options.Output ?? Repository.PathOf(
            "bench", "results", string.Create(CultureInfo.InvariantCulture, $"securestreams-{figures.Machine.Date:yyyy-MM-dd}-{figures.Machine.Commit}.html"));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(page))!);
        await File.WriteAllTextAsync(page, SecureStreamsPage.Render(figures)).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.ChangeExtension(page, ".json"), SecureStreamsJson.Render(figures)).ConfigureAwait(false);
        output.WriteLine($"wrote {page} and {Path.GetFileName(Path.ChangeExtension(page, ".json"))}");
        return 0;
    }
}
