using System.CommandLine;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert peek</c>: the first rows that leave a stage.</summary>
internal static class PeekCommand
{
    internal static Command Make()
    {
        Argument<string> job = JobSymbols.Job();
        Option<string> stage = new("--stage", "-s") { Description = "The stage, source or late stream, by its name in the job file", HelpName = "NAME", Required = true };
        Option<int> rows = new("--rows", "-n") { Description = "Rows to show, 1 to 1,000,000; default: 10", HelpName = "N", DefaultValueFactory = _ => 10 };
        rows.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1_000_000)
            {
                result.AddError("--rows is a number from 1 to 1000000");
            }
        });
        Option<string[]> input = JobSymbols.Input();
        Option<string?> malformed = JobSymbols.Malformed();
        Option<string?> key = OwnerKeyOptions.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Command command = new("peek", "Show what leaves a stage: its schema and its first rows") { job, stage, rows, input, malformed, key, passphrase };
        command.SetAction(parsed =>
        {
            using Secret? owner = OwnerKeyChoice.Of(parsed, key, passphrase)?.Open();
            return Run(
                JobSymbols.Request(parsed.GetValue(job)!, parsed.GetValue(input), parsed.GetValue(malformed)).OwnedBy(owner),
                parsed.GetValue(stage)!,
                parsed.GetValue(rows));
        });
        return command;
    }

    private static int Run(JobRequest request, string stage, int rowsMax)
    {
        using Interruption interruption = new();
        LoadedJob loaded = LoadedJob.Load(request);
        using FirstRows first = new(rowsMax);
        Outcome<Job> job = loaded.File.Peek(stage, first.Sink);
        if (!job.Succeeded)
        {
            throw CommandFailedException.Usage(job.Failure.Message);
        }

        Plan plan = Plan.Compile(job.Value);

        // One worker: then the same input shows the same rows.
        LocalRun run = LocalRun.StartAsync(plan, new RunOptions { Workers = 1 }).GetAwaiter().GetResult();
        try
        {
            interruption.StopBy(run.Stop);
            first.EnoughIsThere = run.Stop;
            run.Completion.GetAwaiter().GetResult();
        }
        finally
        {
            run.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        first.Print(Terminal.Out);
        return interruption.Code;
    }
}
