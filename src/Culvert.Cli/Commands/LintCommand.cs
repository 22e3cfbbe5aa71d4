using System.CommandLine;
using Culvert.JobFiles;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary><c>culvert lint</c>.</summary>
internal static class LintCommand
{
    internal static Command Create()
    {
        Argument<string> job = new("job") { Description = "The job file." };
        Command command = new("lint", "Checks a job file: errors and warnings with line and column.") { job };
        command.SetAction(parsed => Lint(parsed.GetValue(job)!));
        return command;
    }

    private static int Lint(string path)
    {
        JobFileReading reading = JobLoading.Read(path, [], new MalformedRows());
        foreach (Diagnostic diagnostic in reading.Diagnostics)
        {
            Console.Out.WriteLine(diagnostic.ToText());
        }

        if (reading.File is null)
        {
            return ExitCode.Usage;
        }

        Plan.Compile(reading.File.Job);
        if (reading.Diagnostics.IsEmpty)
        {
            Console.Out.WriteLine($"{path}: no findings");
        }

        return ExitCode.Success;
    }
}
