using System.Globalization;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Cli.Progress;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary>Runs a job from its file to its result.</summary>
internal sealed class JobRunning(RunRequest request)
{
    /// <summary>Runs it and returns the exit code; failures throw.</summary>
    internal int Run()
    {
        request.Check();
        using Interruption interruption = new();
        LoadedJob loaded = LoadedJob.Load(request.Job);
        using ResultOutput result = ResultOutput.Choose(request);
        Job job = result.Apply(loaded.File.Job);
        Plan plan = Plan.Compile(job);
        using FolderBlobs? snapshots = request.Snapshots is { } folder ? new FolderBlobs(folder) : null;
        RunOptions options = new() { Snapshots = snapshots, SnapshotInterval = request.SnapshotInterval, Resume = request.Resume };
        if ((request.Workers ?? loaded.File.Workers) is { } workers)
        {
            options = options with { Workers = workers };
        }

        bool talks = Terminal.ErrorIsTerminal && !request.Quiet;
        RunReport report = RunToEnd(plan, options, interruption, talks);
        if (!report.Finished)
        {
            TellStopped(report);
            return interruption.Code;
        }

        result.Write(job.Name, report);
        Terminal.Flush();
        if (!request.Quiet)
        {
            RunSummary.Tell(report, talks, Terminal.Error);
        }

        return ExitCode.Success;
    }

    private static RunReport RunToEnd(Plan plan, RunOptions options, Interruption interruption, bool talks)
    {
        LocalRun run = LocalRun.StartAsync(plan, options).GetAwaiter().GetResult();
        try
        {
            interruption.StopBy(run.Stop);
            using ProgressDisplay? display = talks ? new ProgressDisplay(run, options.Clock) : null;
            return run.Completion.GetAwaiter().GetResult();
        }
        finally
        {
            run.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private void TellStopped(RunReport report)
    {
        Terminal.Flush();
        string rows = report.Rows.ToString("N0", CultureInfo.InvariantCulture);
        Terminal.Error.WriteLine(request.Snapshots is { } folder
            ? $"culvert: stopped after {rows} rows, behind a snapshot: the same command with --resume goes on from there ({folder})"
            : $"culvert: stopped after {rows} rows; what was written so far is not the whole result");
    }
}
