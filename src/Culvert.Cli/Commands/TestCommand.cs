using System.Collections.Immutable;
using System.CommandLine;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.JobFiles;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert test</c>: the tests that stand in a job file and beside it.</summary>
internal static class TestCommand
{
    internal static Command Make()
    {
        Argument<string> job = JobSymbols.Job();
        Argument<string[]> files = new("TESTS")
        {
            Description = "Files of tests; default: the job file's own, and those of JOB.tests.yaml beside it",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Command command = new("test", "Run the tests that stand beside a job") { job, files };
        command.SetAction(parsed =>
        {
            using Interruption interruption = new();
            return Run(parsed.GetValue(job)!, parsed.GetValue(files) ?? []);
        });
        return command;
    }

    private static int Run(string path, string[] files)
    {
        LoadedJob loaded = LoadedJob.Load(new JobRequest(path));
        List<JobFileTest> tests = [.. files.Length == 0 ? loaded.File.Tests : []];
        string beside = Path.ChangeExtension(path, ".tests" + Path.GetExtension(path));
        foreach (string file in files.Length > 0 ? files : File.Exists(beside) ? [beside] : [])
        {
            tests.AddRange(Load(file));
        }

        if (tests.Count == 0)
        {
            throw CommandFailedException.Usage($"there are no tests: write them under 'tests:' in {path}, or in {beside}");
        }

        int failed = 0;
        foreach (JobFileTest test in tests)
        {
            JobTestResult result = JobFileTests.Run(loaded.File, test, JobTesting.Run);
            Terminal.Out.WriteLine($"{(result.Passed ? "passed" : "FAILED")}  {test.Name}");
            foreach (string difference in result.Differences)
            {
                Terminal.Out.WriteLine($"        {difference}");
            }

            Terminal.Flush();
            failed += result.Passed ? 0 : 1;
        }

        Terminal.Out.WriteLine(failed == 0
            ? $"{tests.Count} passed"
            : $"{failed} of {tests.Count} failed");
        return failed == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    private static ImmutableArray<JobFileTest> Load(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw CommandFailedException.Usage($"{file} cannot be read: {failure.Message}");
        }

        (ImmutableArray<JobFileTest> tests, ImmutableArray<Diagnostic> diagnostics) = JobFileTests.Load(text, file);
        return diagnostics.Any(d => d.Severity == Severity.Error)
            ? throw CommandFailedException.Usage($"{file} has errors, so no test was run\n{string.Join('\n', diagnostics.Select(d => d.ToText()))}")
            : tests;
    }
}
