using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary><c>culvert run</c>.</summary>
internal static class RunCommand
{
    private static readonly string[] Formats = ["table", "json", "jsonl", "csv"];

    internal static Command Create()
    {
        Argument<string> job = new("job") { Description = "The job file." };
        Option<string[]> input = new("--input", "-i") { Description = "Files or patterns to read instead of the job's; '-' is standard input.", AllowMultipleArgumentsPerToken = false };
        Option<int?> workers = new("--workers", "-w") { Description = "Threads that share the partitions; default: the job's, else the machine's processors." };
        Option<string?> format = new("--format", "-f") { Description = "table, json (one document), jsonl or csv on standard output, instead of the job's sinks." };
        format.AcceptOnlyFromAmong(Formats);
        Option<string?> output = new("--output", "-o") { Description = "A file for the result instead of standard output (csv or jsonl, by --format or by the file's ending)." };
        Option<string?> snapshots = new("--snapshots") { Description = "A folder for snapshots: a run that is lost can then be resumed." };
        Option<string?> interval = new("--snapshot-interval") { Description = "Time between snapshots: 500ms, 10s (default), 5m." };
        Option<bool> resume = new("--resume") { Description = "Goes on from the newest snapshot in --snapshots." };
        Option<string?> malformed = new("--malformed") { Description = "Rows that cannot be read: 'fail' (default), 'skip', or a file to set them aside in." };
        Option<bool> quiet = new("--quiet", "-q") { Description = "No progress and no summary." };
        Command command = new("run", "Runs a job file.") { job, input, workers, format, output, snapshots, interval, resume, malformed, quiet };
        command.SetAction((parsed, _) => RunAsync(new Request(
            parsed.GetValue(job)!,
            parsed.GetValue(input) ?? [],
            parsed.GetValue(workers),
            parsed.GetValue(format),
            parsed.GetValue(output),
            parsed.GetValue(snapshots),
            Durations.Parse(parsed.GetValue(interval)),
            parsed.GetValue(resume),
            MalformedRows.Parse(parsed.GetValue(malformed)),
            parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> RunAsync(Request request)
    {
        if (request.Workers is < 1 or > 1024)
        {
            throw new UsageException("--workers must be from 1 to 1024");
        }

        if (request.Resume && request.Snapshots is null)
        {
            throw new UsageException("--resume needs --snapshots: the folder to resume from");
        }

        JobFile file = JobLoading.Load(request.Job, request.Input, request.Malformed);
        using ResultRows result = new();
        Job job = WithOutput(file.Job, request, result);
        using FolderBlobs? blobs = request.Snapshots is null ? null : new FolderBlobs(request.Snapshots);
        RunOptions options = new()
        {
            Workers = request.Workers ?? file.Workers ?? Environment.ProcessorCount,
            Snapshots = blobs,
            SnapshotInterval = request.SnapshotInterval ?? TimeSpan.FromSeconds(10),
            Resume = request.Resume,
        };

        RunReport report;
        int exitCode;
        await using (LocalRun run = await LocalRun.StartAsync(Plan.Compile(job), options).ConfigureAwait(false))
        {
            using Interruption interruption = new(run);
            ProgressView? progress = request.Quiet || !Terminal.ErrorIsTerminal ? null : new ProgressView(run);
            try
            {
                report = await run.Completion.ConfigureAwait(false);
            }
            finally
            {
                if (progress is not null)
                {
                    await progress.DisposeAsync().ConfigureAwait(false);
                }
            }

            exitCode = report.Finished ? ExitCode.Success : interruption.ExitCode;
            if (!request.Quiet)
            {
                Summary.Write(Console.Error, job.Name, report, run.MalformedPlaces, request.Snapshots);
            }
        }

        if (report.Finished && request.Format == "json" && request.Output is null)
        {
            await using Stream standardOutput = Console.OpenStandardOutput();
            ResultJson.Write(standardOutput, job.Name, report, result);
        }

        return exitCode;
    }

    /// <summary>The job with the command line's sink in the place of its own, if it names one.</summary>
    private static Job WithOutput(Job job, Request request, ResultRows result)
    {
        if (request.Format is null && request.Output is null)
        {
            return job;
        }

        SinkSpec sink = request.Output is { } path
            ? new FileSinkSpec(path, FileFormat(request.Format, path))
            : request.Format switch
            {
                "json" => result.Sink,
                "csv" => new PipeSinkSpec(Console.OpenStandardOutput(), new CsvFormat()),
                "jsonl" => new PipeSinkSpec(Console.OpenStandardOutput(), new JsonLinesFormat()),
                _ => new TableSinkSpec(Console.Out),
            };
        return NodeRewriter.With(job, [new SinkNode(job.Sinks[0].Inputs[0], sink)]);
    }

    private static RowFormat FileFormat(string? format, string path) => format switch
    {
        "csv" => new CsvFormat(),
        "jsonl" => new JsonLinesFormat(),
        null when path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) => new CsvFormat(),
        null when path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) => new JsonLinesFormat(),
        null => throw new UsageException($"say with --format how '{path}' is to be written: csv or jsonl"),
        _ => throw new UsageException($"--output writes csv or jsonl, not {format}"),
    };

    private sealed record Request(
        string Job,
        string[] Input,
        int? Workers,
        string? Format,
        string? Output,
        string? Snapshots,
        TimeSpan? SnapshotInterval,
        bool Resume,
        MalformedRows Malformed,
        bool Quiet);
}
