using System.Text.Json;
using System.Text.RegularExpressions;
using Culvert.Benchmarks.Reports;

namespace Culvert.Benchmarks.Tests;

public class ReportTests
{
    private static readonly Machine s_machine =
        new("A <processor>", 2, 25, "an OS", ".NET", "0123456789", new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc));

    private static readonly ScenarioResult s_result = new(
        "flights",
        "Flights & more",
        "polars",
        1000,
        "MB",
        [
            new Measurement("Culvert", ContenderRole.Culvert, [0.5], [0.9], null),
            new Measurement("polars", ContenderRole.Peer, [1.0], [1.9], null),
            new Measurement("DuckDB", ContenderRole.Peer, [], [], "away"),
        ]);

    [Fact]
    public void The_page_stands_alone_and_shows_every_contender()
    {
        string page = HtmlReport.Render(s_machine, [s_result]);

        Assert.DoesNotMatch(new Regex("src=|href=|url\\(|@import|<script"), page);
        Assert.Contains("2,000  (2.00×)", page, StringComparison.Ordinal);
        Assert.Contains("<td>DuckDB</td><td colspan=\"7\">not run: away</td>", page, StringComparison.Ordinal);
        Assert.Contains("Flights &amp; more", page, StringComparison.Ordinal);
        Assert.Contains("A &lt;processor&gt;", page, StringComparison.Ordinal);
        Assert.Contains("2030-01-02 03:04 UTC", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_figures_are_kept_run_by_run()
    {
        using JsonDocument document = JsonDocument.Parse(JsonReport.Render(s_machine, [s_result]));
        JsonElement contenders = document.RootElement.GetProperty("scenarios")[0].GetProperty("contenders");

        Assert.Equal(0.5, contenders[0].GetProperty("Seconds")[0].GetDouble());
        Assert.Equal(2.0, contenders[0].GetProperty("Ratio").GetDouble());
        Assert.Equal(JsonValueKind.Null, contenders[2].GetProperty("Ratio").ValueKind);
        Assert.Equal("away", contenders[2].GetProperty("Absent").GetString());
    }

    [Fact]
    public void The_table_on_the_terminal_names_who_did_not_run() =>
        Assert.Contains("DuckDB                     not run: away", TextReport.Render(s_result), StringComparison.Ordinal);
}
