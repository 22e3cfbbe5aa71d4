using Culvert.JobFiles.Tests.Fakes;
using Culvert.Streams;

namespace Culvert.JobFiles.Tests;

public class JobFileTestsTests
{
    private static readonly Schema Output = new(
        new Field("k", new ColumnType(ValueKind.Text)),
        new Field("n", new ColumnType(ValueKind.Int64)),
        new Field("a", new ColumnType(ValueKind.Float64, Nullable: true)));

    private static JobFile File(string output, string input = "[{ k: A }]") => Jobs.Good($$"""
        job: j
        source:
          csv: in.csv
          columns: { k: text, x: int32?, y: int64 }
        tests:
          - name: t
            input: {{input}}
            output: {{output}}
        """);

    private static string[] Run(string output, params object?[][] rows)
    {
        JobFile file = File(output);
        return [.. JobFileTests.Run(file, file.Tests[0], (_, _) => new JobTestRows(Output, rows)).Differences];
    }

    [Fact]
    public void Rows_in_any_order_pass_and_columns_that_are_not_named_are_not_compared() =>
        Assert.Empty(Run("[{ k: A, n: 1 }, { k: B, a: 0.3 }]", ["B", 2L, 0.1 + 0.2], ["A", 1L, null]));

    [Fact]
    public void A_wrong_value_is_shown_beside_the_wanted_one() =>
        Assert.Equal(["{k: A, n: 1, a: null}: n is 2 and not 1, a is 0.5 and not null"], Run("[{ k: A, n: 1, a: null }]", ["A", 2L, 0.5]));

    [Fact]
    public void Missing_and_unwanted_rows_are_told_apart() =>
        Assert.Equal(["missing: {k: A}", "not wanted: {k: B, n: 2, a: null}"], Run("[{ k: A }]", ["B", 2L, null]));

    [Fact]
    public void A_column_that_does_not_come_out_is_named() =>
        Assert.Equal(["there is no column 'nn'; did you mean 'n'?; there are k, n, a"], Run("[{ nn: 1 }]", ["B", 2L, null]));

    [Fact]
    public void Input_rows_become_a_batch_with_the_columns_of_the_source()
    {
        JobFile file = File("[]", "[{ k: A, x: -5 }, { k: B, x: null, y: 7 }]");
        List<object?[]> seen = [];

        JobTestResult result = JobFileTests.Run(file, file.Tests[0], (_, input) =>
        {
            using Batch batch = input.Rows!;
            seen.AddRange(Enumerable.Range(0, batch.Count).Select(batch.GetRow));
            return new JobTestRows(Output, []);
        });

        Assert.True(result.Passed);
        Assert.Equal([["A", -5, 0L], ["B", null, 7L]], seen);
    }

    [Theory]
    [InlineData("[{ x: many }]", "input row 1: 'x' is int32?, and 'many' is none")]
    [InlineData("[{ y: null }]", "input row 1: 'y' is int64, and it cannot be missing")]
    [InlineData("[{ z: 1 }]", "the source has no column 'z'; did you mean 'k'?")]
    public void Input_that_the_source_cannot_give_is_refused(string input, string message)
    {
        JobFile file = File("[]", input);

        Assert.Equal([message], JobFileTests.Run(file, file.Tests[0], (_, _) => throw new InvalidOperationException("not reached")).Differences);
    }

    [Fact]
    public void A_file_of_tests_is_read_like_the_tests_in_a_job_file()
    {
        (var tests, var diagnostics) = JobFileTests.Load("tests:\n  - name: t\n    input: |\n      k,x\n      A,1\n    output: []\n    in order: true\n", "job.tests.yaml");

        Assert.Empty(diagnostics);
        Assert.Equal(("t", 2, "k,x\nA,1\n", true), (tests[0].Name, tests[0].Line, tests[0].InputText, tests[0].InOrder));
        Assert.Equal("job.tests.yaml:1:1: error: 'tests' is missing in a file of tests: Tests of the job file of the same name.", JobFileTests.Load("{}", "job.tests.yaml").Diagnostics[0].ToString());
    }
}
