using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests;

public class UsageTests : WorkFolder
{
    [Theory]
    [InlineData("--help", "run <JOB>")]
    [InlineData("run --help", "--snapshot-interval")]
    [InlineData("generate flights --help", "--no-header")]
    [InlineData("--help", "bench")]
    public void Help_goes_to_standard_output_and_is_a_success(string line, string named)
    {
        ProgramResult result = Culvert(line.Split(' '));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(named, result.Out, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void The_version_is_told()
    {
        ProgramResult result = Culvert("--version");

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", result.Out);
    }

    [Theory]
    [InlineData("", "say what to do: run, ")]
    [InlineData("", ", attest")]
    [InlineData("rnu job.yaml", "there is no command 'rnu'; did you mean 'run'?")]
    [InlineData("run", "'JOB' missing")]
    [InlineData("run job.yaml --fromat json", "there is no option '--fromat'; did you mean '--format'?")]
    [InlineData("run job.yaml --format jsno", "did you mean 'json'?")]
    [InlineData("run job.yaml --workers 0", "--workers is a number from 1 to 1024, and not '0'")]
    [InlineData("run job.yaml --workers two", "and not 'two'")]
    [InlineData("run job.yaml --snapshot-interval 10", "--snapshot-interval is a number and ms, s, m or h")]
    [InlineData("run job.yaml other.yaml", "'other.yaml' is one argument too many")]
    [InlineData("peek job.yaml", "'--stage' is required")]
    [InlineData("peek job.yaml --stage x --rows 0", "--rows is a number from 1 to 1000000")]
    [InlineData("generate flights -o x.csv", "'--rows' is required")]
    [InlineData("generate flights --rows many -o x.csv", "--rows is a number from 0, and not 'many'")]
    [InlineData("generate fligths --rows 1 -o x.csv", "did you mean 'flights'?")]
    public void Wrong_usage_is_explained_and_points_to_the_help(string line, string explanation)
    {
        ProgramResult result = Culvert(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(explanation, result.Error, StringComparison.Ordinal);
        Assert.Contains("--help'", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
    }

    [Fact]
    public void To_resume_one_must_say_from_where()
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job("where: a > 0"));

        ProgramResult result = Culvert("run", "job.yaml", "--resume");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--resume needs --snapshots DIR", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_file_that_is_not_there_is_wrong_usage()
    {
        ProgramResult result = Culvert("run", "none.yaml");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("culvert: none.yaml: there is no such job file\n", result.Error);
    }

    [Fact]
    public void A_reader_that_has_gone_is_not_a_crash()
    {
        using System.Diagnostics.Process process = CulvertProgram.Start(Folder, "generate", "flights", "--rows", "100000000", "-o", "-");
        Assert.StartsWith("Year,Month,", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
        process.StandardOutput.Close();

        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(141, process.ExitCode);
        Assert.Empty(error);
    }
}
