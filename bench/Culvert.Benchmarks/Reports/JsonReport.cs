using System.Text.Json;

namespace Culvert.Benchmarks.Reports;

/// <summary>The figures for other programs, and for comparing commits.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>One document: the machine, and every run of every contender in seconds.</summary>
    public static string Render(Machine machine, IReadOnlyList<ScenarioResult> results) =>
        JsonSerializer.Serialize(
            new
            {
                machine,
                scenarios = results.Select(result => new
                {
                    result.Name,
                    result.Title,
                    result.Work,
                    result.Unit,
                    result.Against,
                    contenders = result.Measurements.Select(m => new
                    {
                        m.Name,
                        Role = m.Role.ToString(),
                        m.Absent,
                        MedianSeconds = Finite(m.Median),
                        m.Share,
                        m.Figures,
                        m.Seconds,
                        m.ProcessorSeconds,
                        Ratio = Finite(result.Ratio(m)),
                    }),
                }),
            },
            s_indented) + "\n";

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
