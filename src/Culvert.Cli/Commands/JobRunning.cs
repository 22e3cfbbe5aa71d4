using System.Globalization;
using Culvert.Attestation;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Cli.Progress;
using Culvert.Cli.Stores;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary>Runs a job from its file to its result.</summary>
internal sealed class JobRunning(RunRequest request)
{
    private readonly RunCoverage _coverage = new();

    /// <summary>Runs it and returns the exit code; failures throw.</summary>
    internal int Run()
    {
        request.Check();
        using Interruption interruption = new();
        using Secret? owner = request.Key?.Open();
        (IKeyBroker Broker, IDisposable Owned)? keys = request.Keys.Open(owner);
        using IDisposable? owned = keys?.Owned;
        LoadedJob loaded = LoadedJob.Load(request.Job.OwnedBy(owner) with { IsSealedForOthers = owner is null && keys is not null });
        Job job = request.Protection is { } protection ? JobProtection.Apply(loaded.File.Job, protection) : loaded.File.Job;
        using ResultOutput result = request.EffectiveFormat == "sealed"
            ? ResultOutput.Sealed(job, request.Output!, () => owner is null ? throw OwnerKeyException.Usage("the result is sealed in this process, which needs the owner's key: --key FILE") : Secret.CopyOf(owner.Bytes), _coverage)
            : ResultOutput.Choose(request);
        job = result.Apply(job);
        Plan plan = Plan.Compile(job);
        if (JobRun.OpensSealedInput(plan) && !request.Quiet)
        {
            Terminal.Error.WriteLine("culvert: the input is sealed and the stages are open: it is opened here, in this process");
        }

        RunProof? proof = request.Prove is null ? null : new RunProof();
        bool talks = Terminal.ErrorIsTerminal && !request.Quiet;
        RunReport report = RunToEnd(JobRun.StartAsync(plan, owner, Options(plan, loaded.File.Workers) with { Broker = keys?.Broker, ReleaseCheckInterval = request.Keys.CheckInterval, Collateral = request.Keys.OpenCollateral(), Proof = proof }).GetAwaiter().GetResult(), interruption, talks);
        if (!report.Finished)
        {
            TellStopped(report);
            return interruption.Code;
        }

        result.Write(job.Name, report);
        Terminal.Flush();
        if (proof is not null)
        {
            ProofFile.Write(request.Prove!, proof.Build(owner, MachineClock.Instance.UtcNow));
        }

        if (!request.Quiet)
        {
            RunSummary.Tell(report, talks, Terminal.Error);
        }

        return ExitCode.Success;
    }

    private OwnerRunOptions Options(Plan plan, int? workersOfJob)
    {
        Outcome<byte[]> scripts = LuaScripts.Of(plan).WriteCanonical();
        if (scripts.Failure is { } tooLarge && plan.Stages.Any(s => s.Protection != Protection.Open))
        {
            throw new CommandFailedException(ExitCode.Failed, tooLarge.Message);
        }

        OwnerRunOptions options = new()
        {
            Output = request.Output,
            Snapshots = request.SnapshotUnits ?? request.Snapshots,
            SnapshotStore = request.SnapshotUnits is null ? null : request.StoreConfig,
            OpenSnapshotStore = StoreSnapshots.Open,
            SnapshotInterval = request.SnapshotInterval,
            Resume = request.Resume,
            StateBytesMax = request.StateBytesMax,
            Coverage = _coverage,
            Code = scripts.Succeeded ? scripts.Value : default,
            Warn = text => Terminal.Error.WriteLine($"culvert: {text}"),
        };
        return (request.Workers ?? workersOfJob) is { } workers ? options with { Workers = workers } : options;
    }

    private static RunReport RunToEnd(IRun run, Interruption interruption, bool talks)
    {
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
