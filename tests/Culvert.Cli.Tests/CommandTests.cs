using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests;

public class CommandTests : WorkFolder
{
    [Fact]
    public void Lint_counts_what_it_finds()
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("good.yaml", Job("where: a > 0"));
        Write("bad.yaml", Job("where: c > 0"));

        ProgramResult good = Culvert("lint", "good.yaml");
        ProgramResult bad = Culvert("lint", "bad.yaml");

        Assert.Equal((0, "good.yaml: no errors, no warnings\n"), (good.ExitCode, good.Out));
        Assert.Equal(2, bad.ExitCode);
        Assert.StartsWith("bad.yaml:6:12: error: there is no column 'c'", bad.Out, StringComparison.Ordinal);
        Assert.EndsWith("bad.yaml: 1 error, no warnings\n", bad.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_shows_stages_edges_and_how_few_columns_are_parsed()
    {
        string text = Culvert("plan", Flights).Out;

        Assert.Contains("reads 2 of 29 columns: UniqueCarrier: text, ArrDelay: int32?", text, StringComparison.Ordinal);
        Assert.Contains("↓ from delayed, by key (carrier), in any order", text, StringComparison.Ordinal);
        Assert.Contains("by-carrier   8 partitions, open", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_as_json_has_the_digest_that_text_shows()
    {
        using JsonDocument plan = JsonDocument.Parse(Culvert("plan", Flights, "--format", "json").Out);

        Assert.Equal(["job", "digest", "stages", "edges"], plan.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["delayed", "by-carrier", "sink"], plan.RootElement.GetProperty("stages").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        JsonElement edge = plan.RootElement.GetProperty("edges")[0];
        Assert.Equal(("ByKey", "carrier", false), (edge.GetProperty("dispatch").GetString(), edge.GetProperty("key")[0].GetString(), edge.GetProperty("ordered").GetBoolean()));
        Assert.EndsWith($"digest {plan.RootElement.GetProperty("digest").GetString()}\n", Culvert("plan", Flights).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mermaid", "flowchart TD\n", "s0 -->|\"by key (carrier), in any order\"| s1")]
    [InlineData("dot", "digraph \"delayed-flights\" {\n", "s0 -> s1 [label=\"by key (carrier), in any order\"];")]
    public void Plan_can_be_drawn(string format, string head, string edge)
    {
        string drawn = Culvert("plan", Flights, "--format", format).Out;

        Assert.StartsWith(head, drawn, StringComparison.Ordinal);
        Assert.Contains(edge, drawn, StringComparison.Ordinal);
    }

    [Fact]
    public void Tests_beside_a_job_pass_or_show_what_differs()
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job("where: a > 1") + """

            tests:
              - name: keeps the larger
                input: [{ a: 1, b: 1 }, { a: 2, b: 2 }]
                output: [{ a: 2, b: 2 }]
              - name: from text
                input: |
                  a,b
                  5,6
                output: [{ a: 5, b: 7 }]
            """);

        ProgramResult result = Culvert("test", "job.yaml");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("passed  keeps the larger\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("FAILED  from text\n        {a: 5, b: 7}: b is 6 and not 7\n", result.Out, StringComparison.Ordinal);
        Assert.EndsWith("1 of 2 failed\n", result.Out, StringComparison.Ordinal);
        Assert.Equal(0, Culvert("test", Flights).ExitCode);
    }

    [Fact]
    public void A_job_without_tests_is_told_where_to_write_them()
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job("where: a > 1"));

        ProgramResult none = Culvert("test", "job.yaml");
        Write("job.tests.yaml", "tests:\n  - name: beside\n    input: [{ a: 2 }]\n    output: [{ a: 2 }]\n");
        ProgramResult beside = Culvert("test", "job.yaml");

        Assert.Equal(2, none.ExitCode);
        Assert.Contains("job.tests.yaml", none.Error, StringComparison.Ordinal);
        Assert.Equal((0, "passed  beside\n1 passed\n"), (beside.ExitCode, beside.Out));
    }

    [Fact]
    public void Peek_shows_the_schema_and_the_first_rows_of_a_stage()
    {
        Write("in.csv", "a,b\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i},{i}\n")));
        Write("job.yaml", Job("name: kept\n    where: a > 3\n  - aggregate: { n: count() }"));

        ProgramResult result = Culvert("peek", "job.yaml", "--stage", "kept", "--rows", "2");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("a: int64\nb: int64?\n\na  b\n-  -\n4  4\n5  5\n", result.Out);
    }

    [Fact]
    public void Peek_at_a_stage_that_is_not_there_names_the_nearest()
    {
        ProgramResult result = Culvert("peek", Flights, "--stage", "delayd");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("did you mean 'delayed'?", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Peek_ends_an_endless_run()
    {
        string job = Path.Combine(Repository, "examples", "sensors", "job.yaml");

        ProgramResult result = Culvert("peek", job, "--stage", "source", "--rows", "5");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(3 + 3 + 5, result.Out.Split('\n', StringSplitOptions.None).Length - 1);
    }

    [Theory]
    [InlineData("flights")]
    [InlineData("sensors")]
    public void Generated_data_is_the_same_for_the_same_seed(string what)
    {
        string[] Generate(params string[] more) => [.. Culvert(["generate", what, "--rows", "1000", "-o", "-", .. more]).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

        string[] first = Generate();

        Assert.Equal(1001, first.Length);
        Assert.Equal(first, Generate("--seed", "1"));
        Assert.NotEqual(first, Generate("--seed", "2"));
        Assert.Equal(first[1..], Generate("--no-header"));
    }

    [Fact]
    public void Data_that_cannot_be_written_leaves_no_file_of_the_name()
    {
        ProgramResult full = Culvert("generate", "flights", "--rows", "100000", "-o", "/dev/full");
        ProgramResult nowhere = Culvert("generate", "flights", "--rows", "1", "-o", "none/x.csv");

        Assert.Equal((1, 1), (full.ExitCode, nowhere.ExitCode));
        Assert.Contains("cannot write to /dev/full: No space left on device", full.Error, StringComparison.Ordinal);
        Assert.Contains("cannot write none/x.csv", nowhere.Error, StringComparison.Ordinal);
    }
}
