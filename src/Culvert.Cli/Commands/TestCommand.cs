using System.CommandLine;
using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary><c>culvert test</c>: the tests that stand in a job file, or beside it in <c>job.tests.yaml</c>.</summary>
internal static class TestCommand
{
    internal static Command Create()
    {
        Argument<string> job = new("job") { Description = "The job file." };
        Command command = new("test", "Runs the tests that stand beside a job file.") { job };
        command.SetAction((parsed, _) => TestAsync(parsed.GetValue(job)!));
        return command;
    }

    private static Task<int> TestAsync(string path)
    {
        JobFile file = JobLoading.Load(path, [], new MalformedRows());
        List<JobFileTest> tests = [.. file.Tests];
        string beside = Path.ChangeExtension(path, ".tests.yaml");
        if (File.Exists(beside))
        {
            (System.Collections.Immutable.ImmutableArray<JobFileTest> more, System.Collections.Immutable.ImmutableArray<Diagnostic> findings) =
                JobFileTests.Load(JobLoading.ReadText(beside), beside);
            foreach (Diagnostic finding in findings)
            {
                Console.Error.WriteLine(finding.ToText());
            }

            if (findings.Any(f => f.Severity == Severity.Error))
            {
                throw new UsageException($"'{beside}' cannot be run as it is");
            }

            tests.AddRange(more);
        }

        if (tests.Count == 0)
        {
            throw new UsageException($"'{path}' has no tests, and there is no '{beside}'");
        }

        int failed = 0;
        foreach (JobFileTest test in tests)
        {
            JobTestResult result = JobFileTests.Run(file, test, Run);
            failed += result.Passed ? 0 : 1;
            Console.Out.WriteLine($"{(result.Passed ? "passed" : "FAILED")}  {test.Name}");
            foreach (string difference in result.Differences)
            {
                Console.Out.WriteLine($"        {difference}");
            }
        }

        Console.Out.WriteLine($"{tests.Count - failed} passed, {failed} failed");
        return Task.FromResult(failed == 0 ? ExitCode.Success : ExitCode.Failed);
    }

    private static Outcome<JobTestRows> Run(Job job, JobTestInput input)
    {
        string? text = null;
        try
        {
            SourceSpec spec;
            if (input.Rows is { } rows)
            {
                spec = new BatchSourceSpec(rows);
            }
            else
            {
                text = Path.GetTempFileName();
                File.WriteAllText(text, input.Text);
                spec = ((CsvSourceSpec)input.Source.Source).WithInputs([text]);
            }

            using ResultRows result = new();
            SourceNode replacement = new(spec, input.Source.Schema);
            Job tested = NodeRewriter.Rewrite(job, node => node == input.Source ? replacement : null);
            tested = NodeRewriter.With(tested, [new SinkNode(tested.Sinks[0].Inputs[0], result.Sink)]);
            LocalRunner.Default.RunAsync(tested).GetAwaiter().GetResult();
            return new JobTestRows(result.Schema!, [.. result.Sorted().Select(r => r.Batch.GetRow(r.Row))]);
        }
        catch (Exception failure) when (failure is JobFailedException or PlanException)
        {
            return new Failure(FailureKind.Malformed, failure.Message);
        }
        finally
        {
            if (text is not null)
            {
                File.Delete(text);
            }
        }
    }
}
