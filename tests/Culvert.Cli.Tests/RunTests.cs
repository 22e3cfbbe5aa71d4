using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests;

public class RunTests : WorkFolder
{
    [Fact]
    public void Json_is_one_document_with_its_keys_in_order_and_rows_sorted_by_key()
    {
        ProgramResult result = Culvert("run", Flights, "--format", "json", "--workers", "2");

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        using JsonDocument document = JsonDocument.Parse(result.Out);
        Assert.Equal(["job", "rows", "seconds", "result"], document.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal("delayed-flights", document.RootElement.GetProperty("job").GetString());
        Assert.Equal(2000, document.RootElement.GetProperty("rows").GetInt64());
        JsonElement[] rows = [.. document.RootElement.GetProperty("result").EnumerateArray()];
        string[] carriers = [.. rows.Select(r => r.GetProperty("carrier").GetString()!)];
        Assert.Equal(carriers.Order(StringComparer.Ordinal), carriers);
        Assert.Equal(["carrier", "delayed", "total", "average"], rows[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(SampleByHand(), rows.ToDictionary(r => r.GetProperty("carrier").GetString()!, r => (r.GetProperty("delayed").GetInt64(), r.GetProperty("total").GetInt64())));
    }

    [Fact]
    public void Without_a_format_the_jobs_own_sink_gets_the_result_and_a_quiet_success_says_nothing_else()
    {
        ProgramResult result = Culvert("run", Flights);

        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("carrier", lines[0], StringComparison.Ordinal);
        Assert.Equal(SampleByHand().Count + 2, lines.Length);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("csv", "a\n1\n3\n")]
    [InlineData("jsonl", "{\"a\":1}\n{\"a\":3}\n")]
    [InlineData("table", "a\n-\n1\n3\n")]
    public void Each_format_goes_to_standard_output_or_to_a_file(string format, string expected)
    {
        Write("in.csv", "a,b\n1,2\n3,4\n");
        Write("job.yaml", Job("select: [a]"));
        string name = format == "table" ? "out.txt" : $"out.{format}";

        Assert.Equal(expected, Culvert("run", "job.yaml", "--format", format).Out);
        ProgramResult toFile = Culvert("run", "job.yaml", "-o", name);

        Assert.Equal((0, ""), (toFile.ExitCode, toFile.Out));
        Assert.Equal(expected, Read(name));
        Assert.False(File.Exists(At(name + ".partial")));
    }

    [Fact]
    public void Json_to_a_file_is_the_same_document()
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job("select: [a]"));

        Assert.Equal(0, Culvert("run", "job.yaml", "-o", "out.json").ExitCode);

        using JsonDocument document = JsonDocument.Parse(Read("out.json"));
        Assert.Equal(1, document.RootElement.GetProperty("result")[0].GetProperty("a").GetInt64());
    }

    [Fact]
    public void A_name_that_tells_no_format_is_wrong_usage() => Assert.Equal(2, Culvert("run", Flights, "-o", "result").ExitCode);

    [Fact]
    public void Paths_of_a_job_are_relative_to_its_file_and_those_of_the_command_line_to_the_current_folder()
    {
        Directory.CreateDirectory(At("jobs"));
        Write("jobs/in.csv", "a,b\n1,2\n");
        Write("in.csv", "a,b\n8,9\n");
        Write("jobs/job.yaml", Job("select: [a]", "sink: { csv: out.csv }"));

        Assert.Equal(0, Culvert("run", "jobs/job.yaml").ExitCode);
        Assert.Equal("a\n1\n", Read("jobs/out.csv"));
        Assert.Equal(0, Culvert("run", "jobs/job.yaml", "--input", "in.csv").ExitCode);
        Assert.Equal("a\n8\n", Read("jobs/out.csv"));
    }

    [Fact]
    public void Input_can_be_several_files_with_and_without_a_header_and_patterns()
    {
        Assert.Equal(0, Culvert("generate", "flights", "--rows", "500", "-o", "2007.csv", "--seed", "7").ExitCode);
        Assert.Equal(0, Culvert("generate", "flights", "--rows", "300", "-o", "2008.csv", "--no-header").ExitCode);

        long one = Rows("--input", "2007.csv");
        long both = Rows("--input", "2007.csv", "--input", "2008.csv");
        long pattern = Rows("--input", "200?.csv");

        Assert.Equal((500, 800, 800), (one, both, pattern));
    }

    [Fact]
    public void Standard_input_is_read_also_where_its_columns_have_to_be_found_out_first()
    {
        Write("job.yaml", "job: t\nsource: { csv: in.csv }\nstages:\n  - where: a > 1\nsink: { jsonl: '-' }\n");
        using MemoryStream input = new(System.Text.Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"{i},x{i}\n"))));

        ProgramResult result = CulvertProgram.Run(Folder, input, ["run", "job.yaml", "--input", "-"]);

        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(49_998, lines.Length);
        Assert.Equal("{\"a\":49999,\"b\":\"x49999\"}", lines[^1]);
    }

    [Fact]
    public void Malformed_rows_that_are_skipped_are_counted_and_the_first_are_shown()
    {
        Write("in.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n");
        Write("job.yaml", Job("select: [a]"));

        ProgramResult result = Culvert("run", "job.yaml", "--malformed", "skip", "--format", "csv");

        Assert.Equal((0, "a\n1\n7\n"), (result.ExitCode, result.Out));
        Assert.Contains("2 malformed rows left out", result.Error, StringComparison.Ordinal);
        Assert.Contains("in.csv:3: 1 field where 2 are expected", result.Error, StringComparison.Ordinal);
        Assert.Contains("in.csv:4: 3 fields where 2 are expected", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Malformed_rows_can_be_set_aside_and_quiet_says_nothing()
    {
        Write("in.csv", "a,b\n1,2\n3\n7,8\n");
        Write("job.yaml", Job("select: [a]"));

        ProgramResult result = Culvert("run", "job.yaml", "--malformed", "bad.csv", "--quiet");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("3\n", string.Concat(Directory.GetFiles(Folder, "bad*.csv").Select(File.ReadAllText)));
    }

    [Fact]
    public void The_lua_job_gives_what_the_expressions_give()
    {
        Write("in.csv", "a,b\n1,2\n3,\n5,6\n");
        Write("map.lua", "function map(e)\n  if not e.b then return nil end\n  return { sum = e.a + e.b }\nend\n");
        Write("filter.lua", "function filter(e) return e.sum > 3 end\n");
        Write("reduce.lua", "initial = { n = 0 }\nfunction reduce(x, e) x.n = x.n + e.sum return x end\nfunction finish(x) return { n = x.n } end\n");
        Write("lua.yaml", Job("lua: { map: map.lua, returns: { sum: int64 } }\n  - lua: { filter: filter.lua }\n  - lua: { reduce: reduce.lua, returns: { n: int64 } }"));
        Write("expressions.yaml", Job("where: b != null\n  - select: { sum: a + b }\n  - where: sum > 3\n  - aggregate: { n: sum(sum) }"));

        Assert.Equal("{\"n\":11}\n", Culvert("run", "lua.yaml").Out);
        Assert.Equal("{\"n\":11}\n", Culvert("run", "expressions.yaml").Out);
    }

    private long Rows(params string[] input)
    {
        using JsonDocument document = JsonDocument.Parse(Culvert(["run", Flights, "--format", "json", .. input]).Out);
        return document.RootElement.GetProperty("rows").GetInt64();
    }

    private static Dictionary<string, (long Delayed, long Total)> SampleByHand() =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(Flights)!, "sample.csv"))
            .Skip(1)
            .Select(line => line.Split(','))
            .Where(f => int.TryParse(f[14], out int delay) && delay > 0)
            .GroupBy(f => f[8])
            .ToDictionary(g => g.Key, g => ((long)g.Count(), g.Sum(f => long.Parse(f[14], System.Globalization.CultureInfo.InvariantCulture))));
}
