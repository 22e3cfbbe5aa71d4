using System.Globalization;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Cli.Progress;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary>Runs a job from its file to its result.</summary>
internal sealed class JobRunning(RunRequest request)
{
    private readonly TimeSpan _startedAt = MachineClock.Instance.Elapsed;
    private volatile IRun? _run;

    /// <summary>Runs it and returns the exit code; failures throw.</summary>
    internal int Run()
    {
        request.Check();
        using Interruption interruption = new();
        using Secret? owner = request.Key?.Open();
        LoadedJob loaded = LoadedJob.Load(owner is null ? request.Job : request.Job with { Owner = () => Secret.CopyOf(owner.Bytes) });
        Job job = request.Protection is { } protection ? JobProtection.Apply(loaded.File.Job, protection) : loaded.File.Job;
        using ResultOutput result = ChooseOutput(job, owner);
        job = result.Apply(job);
        Plan plan = Plan.Compile(job);
        bool talks = Terminal.ErrorIsTerminal && !request.Quiet;
        RunReport report = plan.Stages.All(s => s.Protection == Protection.Open)
            ? RunOpen(plan, loaded.File.Workers, interruption, talks)
            : RunProtected(plan, owner, loaded.File.Workers, interruption, talks);
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

    /// <summary>
    /// A sealed result is sealed by the stage that makes it, unless the input comes from here anyway: then it is sealed here,
    /// where its rows can be counted.
    /// </summary>
    private ResultOutput ChooseOutput(Job job, Secret? owner)
    {
        if (request.EffectiveFormat != "sealed")
        {
            return ResultOutput.Choose(request);
        }

        bool readHere = Sources(job.Sinks).Any(s => !s.Source.IsSealed);
        return readHere || (job.Protection == Protection.Open && job.Sinks[0].Protection is null or Protection.Open)
            ? ResultOutput.SealedHere(request.Output!, job.Name, () => Secret.CopyOf(owner!.Bytes), Coverage)
            : ResultOutput.SealedThere();
    }

    /// <summary>What a result that is sealed here covers; asked for when all of it is written.</summary>
    private SealedCoverage Coverage() => new()
    {
        RowsRead = _run?.RowsRead ?? 0,
        Elapsed = MachineClock.Instance.Elapsed - _startedAt,
    };

    private static IEnumerable<SourceNode> Sources(IEnumerable<Node> nodes) =>
        nodes.SelectMany(n => n is SourceNode source ? [source] : Sources(n.Inputs));

    private RunReport RunOpen(Plan plan, int? workersOfJob, Interruption interruption, bool talks)
    {
        if (plan.Stages.Any(s => s.Source?.Source is SealedFileSourceSpec) && !request.Quiet)
        {
            Terminal.Error.WriteLine("culvert: the input is sealed and the stages are open: it is opened here, in this process");
        }

        using FolderBlobs? snapshots = request.Snapshots is { } folder ? new FolderBlobs(folder) : null;
        RunOptions options = new() { Snapshots = snapshots, SnapshotInterval = request.SnapshotInterval, Resume = request.Resume };
        if ((request.Workers ?? workersOfJob) is { } workers)
        {
            options = options with { Workers = workers };
        }

        return RunToEnd(LocalRun.StartAsync(plan, options).GetAwaiter().GetResult(), interruption, talks);
    }

    private RunReport RunProtected(Plan plan, Secret? owner, int? workersOfJob, Interruption interruption, bool talks)
    {
        if (owner is null)
        {
            Stage first = plan.Stages.First(s => s.Protection != Protection.Open);
            throw CommandFailedException.Usage(
                $"the stage '{first.Name}' is to run {first.Protection.ToString().ToLowerInvariant()}, which needs the owner's key: --key FILE ('culvert keys new owner.key' makes one)");
        }

        Outcome<byte[]> scripts = LuaScripts.Of(plan).WriteCanonical();
        if (scripts.Failure is { } tooLarge)
        {
            throw new CommandFailedException(ExitCode.Failed, tooLarge.Message);
        }

        OwnerRunOptions options = new()
        {
            Output = request.Output,
            Snapshots = request.Snapshots,
            SnapshotInterval = request.SnapshotInterval,
            Resume = request.Resume,
            StateBytesMax = request.StateBytesMax,
            Code = scripts.Value,
            Warn = text => Terminal.Error.WriteLine($"culvert: {text}"),
        };
        if ((request.Workers ?? workersOfJob) is { } workers)
        {
            options = options with { Workers = workers };
        }

        return RunToEnd(OwnerRun.Start(plan, owner, options), interruption, talks);
    }

    private RunReport RunToEnd(IRun run, Interruption interruption, bool talks)
    {
        _run = run;
        try
        {
            interruption.StopBy(run.Stop);
            using ProgressDisplay? display = talks ? new ProgressDisplay(run, MachineClock.Instance) : null;
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
