using System.CommandLine;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.JobFiles;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert lint</c>: everything that can be found in a job file without running it.</summary>
internal static class LintCommand
{
    internal static Command Make()
    {
        Argument<string> job = JobSymbols.Job();
        Option<string[]> input = JobSymbols.Input();
        Option<string?> key = OwnerKeyOptions.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Command command = new("lint", "Check a job file: what is wrong, with line and column") { job, input, key, passphrase };
        command.SetAction(parsed =>
        {
            using Interruption interruption = new();
            string path = parsed.GetValue(job)!;
            using Secret? owner = OwnerKeyChoice.Of(parsed, key, passphrase)?.Open();
            (JobFileReading reading, _, _) = LoadedJob.Read(JobSymbols.Request(path, parsed.GetValue(input)).OwnedBy(owner));
            foreach (Diagnostic diagnostic in reading.Diagnostics)
            {
                Terminal.Out.WriteLine(diagnostic.ToText());
            }

            if (reading.File is { } file)
            {
                // What only the planner sees, such as too many partitions, is refused as an error of the job too.
                Plan.Compile(file.Job);
            }

            int errors = reading.Diagnostics.Count(d => d.Severity == Severity.Error);
            int warnings = reading.Diagnostics.Count(d => d.Severity == Severity.Warning);
            Terminal.Out.WriteLine($"{path}: {Count(errors, "error")}, {Count(warnings, "warning")}");
            return errors == 0 && reading.File is not null ? ExitCode.Success : ExitCode.WrongUsage;
        });
        return command;
    }

    private static string Count(int count, string what) => count == 0 ? $"no {what}s" : count == 1 ? $"1 {what}" : $"{count} {what}s";
}
