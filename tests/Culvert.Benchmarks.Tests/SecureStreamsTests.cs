using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Culvert.Benchmarks.SecureStreams;

namespace Culvert.Benchmarks.Tests;

public partial class SecureStreamsTests
{
    private static readonly string s_program = Path.ChangeExtension(typeof(SecureStreamsBenchmark).Assembly.Location, null);

    private static readonly Lazy<Task<SecureStreamsFigures>> s_figures =
        new(() => SecureStreamsBenchmark.MeasureAsync(SecureStreamsOptions.Tiny, s_program, null, TextWriter.Null));

    [Fact]
    public async Task The_page_has_all_five_parts_with_plot_and_table_and_stands_alone()
    {
        string page = SecureStreamsPage.Render(await s_figures.Value);

        foreach (string part in new[] { "crossing", "copying", "throughput", "completion", "paging" })
        {
            Match section = Regex.Match(page, $"<section id=\"{part}\">(.*?)</section>", RegexOptions.Singleline);
            Assert.True(section.Success, part);
            Assert.Contains("<svg ", section.Groups[1].Value, StringComparison.Ordinal);
            Assert.Contains("<table>", section.Groups[1].Value, StringComparison.Ordinal);
        }

        Assert.DoesNotMatch(new Regex("src=|href=|url\\(|@import|<script"), page);
        Assert.DoesNotMatch(new Regex("NaN|Infinity|∞"), page);
        Assert.All(Plots().Matches(page), plot => Assert.NotEmpty(XElement.Parse(plot.Value).Elements()));
    }

    [Fact]
    public async Task Every_mode_runs_with_every_number_of_workers_and_gives_one_answer()
    {
        FlightsFigures flights = (await s_figures.Value).Flights;

        Assert.Equal(SecureStreamsOptions.Tiny.Workers, flights.Workers);
        foreach (ProtectionMode mode in Enum.GetValues<ProtectionMode>())
        {
            Assert.All(flights.Workers, workers => Assert.Equal(SecureStreamsOptions.Tiny.Repeats, flights.Of(mode, workers).Count));
        }

        Assert.All(flights.Runs, run => Assert.Equal(SecureStreamsOptions.Tiny.Rows * SecureStreamsOptions.Tiny.Times, run.Rows));
        Assert.All(flights.Runs, run => Assert.Equal(run.Rows, run.Samples[^1].Rows));
        Assert.NotEmpty(flights.FromCsv.Where(c => c.Absent is null).SelectMany(c => c.Seconds));
    }

    [Fact]
    public async Task Figures_are_finite_and_above_nothing()
    {
        using JsonDocument document = JsonDocument.Parse(SecureStreamsJson.Render(await s_figures.Value));
        JsonElement figures = document.RootElement.GetProperty("figures");

        Assert.NotEmpty(document.RootElement.GetProperty("goals").EnumerateArray());
        Assert.All(document.RootElement.GetProperty("goals").EnumerateArray(), goal => Assert.True(goal.GetProperty("value").GetDouble() > 0));
        Assert.Equal(13, figures.GetProperty("boundary").GetProperty("copies").GetArrayLength());
        Assert.All(figures.GetProperty("sealing").EnumerateArray(), s => Assert.InRange(s.GetProperty("ratio").GetDouble(), 0.01, 100));
        Assert.All(
            figures.GetProperty("paging").EnumerateArray(),
            p => Assert.True(p.GetProperty("eventsPerProcessorSecond").ValueKind is JsonValueKind.Number or JsonValueKind.Null));
        Assert.All(figures.GetProperty("starts").EnumerateArray(), s => Assert.True(s.GetProperty("residentBytes").GetInt64() > 1_000_000));
    }

    [Theory]
    [InlineData("--rows", "0")]
    [InlineData("--rows", "many")]
    [InlineData("-o")]
    [InlineData("--slow")]
    public void Arguments_without_sense_are_refused(params string[] arguments) => Assert.Null(SecureStreamsOptions.Parse(arguments));

    [Fact]
    public void Arguments_change_what_they_name_and_leave_the_rest()
    {
        SecureStreamsOptions options = SecureStreamsOptions.Parse(["--rows", "7", "--quick", "-o", "page.html"])!;

        Assert.Equal(SecureStreamsOptions.Quick with { Rows = 7, Output = "page.html" }, options);
    }

    [Fact]
    public void Throughput_over_time_adds_up_to_all_rows()
    {
        FlightRun run = new(ProtectionMode.Sealed, 1, 10_000_000, 4, 1, 4, [new(1, 1_000_000), new(2.5, 6_000_000), new(4, 10_000_000)]);

        double rows = FlightsSections.OverTime(run).Sum(point => point.Y * 1e6 * run.Seconds / FlightsSections.OverTime(run).Count);

        Assert.Equal(10_000_000, rows, 1.0);
        Assert.Equal(3_000_000, run.SteadyRowsPerSecond, 1.0);
    }

    [Fact]
    public void Mean_and_deviation_of_runs_are_those_of_a_sample()
    {
        FlightRun run = new(ProtectionMode.Open, 1, 1, 2, 1, 1, []);

        (double mean, double deviation) = FlightsSections.MeanOf([run, run with { Seconds = 4 }, run with { Seconds = 6 }]);

        Assert.Equal(4, mean, 9);
        Assert.Equal(2, deviation, 9);
    }

    [GeneratedRegex("<svg .*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Plots();
}
