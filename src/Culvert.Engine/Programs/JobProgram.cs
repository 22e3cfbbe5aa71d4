using System.Text;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>What <see cref="JobHost"/> runs, with its outputs given: for programs that embed it, and for tests.</summary>
public sealed class JobProgram(Stream output, TextWriter error)
{
    /// <summary>The run did what was asked.</summary>
    public const int Succeeded = 0;

    /// <summary>The run failed; the message is on the error output.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not understood.</summary>
    public const int WrongUsage = 2;

    /// <summary>The run was stopped.</summary>
    public const int Stopped = 130;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    /// <summary>Whether a line on the error output shows how far the run is; default false.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>The clock of the run; default: the machine's.</summary>
    public IClock Clock { get; init; } = MachineClock.Instance;

    /// <summary>Runs a job as the command line asks, and returns the exit code. Cancelling stops the run, behind a snapshot where those are kept.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> args, Func<JobContext, Job> define, CancellationToken cancellationToken = default)
    {
        Outcome<JobArguments> parsed = JobArguments.Parse(args);
        if (!parsed.Succeeded)
        {
            await error.WriteLineAsync($"{parsed.Failure.Message}\n\n{JobArguments.Usage}").ConfigureAwait(false);
            return WrongUsage;
        }

        if (parsed.Value.Help)
        {
            await output.WriteAsync(Encoding.UTF8.GetBytes(JobArguments.Usage + "\n"), cancellationToken).ConfigureAwait(false);
            return Succeeded;
        }

        try
        {
            return await RunAsync(parsed.Value, define, cancellationToken).ConfigureAwait(false);
        }
        catch (OwnerKeyException failure)
        {
            await error.WriteLineAsync(failure.Message).ConfigureAwait(false);
            return failure.IsUsage ? WrongUsage : Failed;
        }
        catch (Exception failure) when (failure is JobFailedException or JobDefinitionException or PlanException or SourceFailedException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(failure.Message).ConfigureAwait(false);
            return Failed;
        }
    }

    private async Task<int> RunAsync(JobArguments arguments, Func<JobContext, Job> define, CancellationToken cancellationToken)
    {
        if (arguments.Prove is { } prove && ProofFile.WhatIsWrong(prove) is { } nowhere)
        {
            throw OwnerKeyException.Usage(nowhere);
        }

        using Secret? owner = arguments.Key is { } key ? OwnerKeys.Open(key, arguments.PassphraseFile, error) : null;
        using ResultRows rows = new();
        RunCoverage coverage = new();
        await using StreamWriter table = new(output, new UTF8Encoding(false), leaveOpen: true);
        (IKeyBroker Broker, IDisposable Owned)? keys = arguments.Keys.Open(owner);
        using IDisposable? owned = keys?.Owned;
        RunProof? proof = arguments.Prove is null ? null : new RunProof();
        (Job job, JobInvocation invocation) = Define(arguments, define, owner, Sink(arguments, rows, table), coverage);
        Plan plan = Plan.Compile(job);
        if (plan.Stages.Any(s => s.Source?.Source is CsvSourceSpec { Settings.Inputs.IsDefaultOrEmpty: true }))
        {
            await error.WriteLineAsync($"the job '{job.Name}' reads files: name at least one\n\n{JobArguments.Usage}").ConfigureAwait(false);
            return WrongUsage;
        }

        if (arguments.ManifestDraft is { } draft)
        {
            ManifestDraftFile.Write(draft, plan, owner!, Clock, MachineEntropy.Instance);
            await error.WriteLineAsync($"{draft} is a draft: 'culvert manifest init {draft} --key {arguments.Key}' makes the manifest").ConfigureAwait(false);
            return Succeeded;
        }

        if (JobRun.OpensSealedInput(plan))
        {
            await error.WriteLineAsync("the input is sealed and the stages are open: it is opened here, in this process").ConfigureAwait(false);
        }

        await using JobRun run = await JobRun.StartAsync(plan, owner, Options(arguments, invocation) with { Coverage = coverage, Broker = keys?.Broker, ReleaseCheckInterval = arguments.Keys.CheckInterval, Collateral = arguments.Keys.OpenCollateral(), Proof = proof }, cancellationToken).ConfigureAwait(false);
        RunReport report;
        using (CancellationTokenSource ended = new())
        {
            Task progress = ShowsProgress ? ShowAsync(run, ended.Token) : Task.CompletedTask;
            try
            {
                await using (cancellationToken.Register(run.Stop).ConfigureAwait(false))
                {
                    report = await run.Completion.ConfigureAwait(false);
                }
            }
            finally
            {
                await ended.CancelAsync().ConfigureAwait(false);
                await progress.ConfigureAwait(false);
            }
        }

        Tell(report);
        if (report.Finished && proof is not null)
        {
            ProofFile.Write(arguments.Prove!, proof.Build(owner, Clock.UtcNow));
        }

        if (report.Finished && arguments.Format == ResultFormat.Json)
        {
            WriteDocument(arguments.Output, job.Name, report, rows);
        }

        return report.Finished ? Succeeded : Stopped;
    }

    private static (Job Job, JobInvocation Invocation) Define(JobArguments arguments, Func<JobContext, Job> define, Secret? owner, SinkSpec output, RunCoverage coverage)
    {
        JobInvocation invocation = new() { Inputs = arguments.Inputs, Parameters = arguments.Parameters, Protection = arguments.Protection };
        Job job = invocation.Define(define, output);
        invocation = invocation.LookAtSources(job);
        if (invocation.SealedSources.Contains(true) && owner is null && arguments.Keys.Broker is null)
        {
            throw OwnerKeyException.Usage($"{string.Join(", ", arguments.Inputs)} is sealed: name the owner's key with --key");
        }

        job = invocation.ReadSealed(job, () => Secret.CopyOf(owner!.Bytes));
        if (arguments.Format != ResultFormat.Sealed)
        {
            return (job, invocation with { Output = output.Canonical });
        }

        // Who seals the result follows from the job, which is there now.
        SinkSpec result = SealedResultSinkSpec.For(job, arguments.Output!, () => Secret.CopyOf(owner!.Bytes), coverage);
        job = NodeRewriter.With(job, [.. job.Sinks.Select(s => ReferenceEquals(s.Sink, output)
            ? (SinkNode)new SinkNode(s.Inputs[0], result).With(s.Name, s.Protection, s.Constraints, s.Apart)
            : s)]);
        return (job, invocation with { Output = result.Canonical });
    }

    private OwnerRunOptions Options(JobArguments arguments, JobInvocation invocation)
    {
        OwnerRunOptions options = new()
        {
            Output = arguments.Output,
            Snapshots = arguments.Snapshots,
            Resume = arguments.Resume,
            StateBytesMax = arguments.StateBytesMax,
            Code = invocation.Write(),
            Warn = error.WriteLine,
            Clock = Clock,
        };
        return arguments.Workers is { } workers ? options with { Workers = workers } : options;
    }

    private SinkSpec Sink(JobArguments arguments, ResultRows rows, TextWriter table) => (arguments.Format, arguments.Output) switch
    {
        (ResultFormat.Table, _) => new TableSinkSpec(table),
        (ResultFormat.Json, _) => rows.Sink,
        (ResultFormat.Sealed, _) => new SealedResultSinkSpec(),
        (ResultFormat.JsonLines, null) => new StreamSinkSpec(output, new JsonLinesFormat()),
        (ResultFormat.JsonLines, { } path) => new FileSinkSpec(path, new JsonLinesFormat()),
        (_, null) => new StreamSinkSpec(output, new CsvFormat()),
        (_, { } path) => new FileSinkSpec(path, new CsvFormat()),
    };

    private void WriteDocument(string? path, string job, RunReport report, ResultRows rows)
    {
        if (path is null)
        {
            ResultJson.Write(output, job, report, rows);
            return;
        }

        string partial = path + FileSinkSpec.PartialSuffix;
        using (FileStream file = File.Create(partial))
        {
            ResultJson.Write(file, job, report, rows);
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }

    private void Tell(RunReport report)
    {
        if (report.MalformedRows > 0)
        {
            error.WriteLine($"{report.MalformedRows:N0} of {report.Rows:N0} rows could not be read and were left out");
        }

        if (report.LateEvents > 0)
        {
            error.WriteLine($"{report.LateEvents:N0} events came too late for their windows and were left out");
        }
    }

    private async Task ShowAsync(JobRun run, CancellationToken ended)
    {
        string shown = "";
        try
        {
            while (true)
            {
                await Clock.Delay(ProgressInterval, ended).ConfigureAwait(false);
                string line = ProgressLine.Of(run.Progress(), Clock.UtcNow);
                await error.WriteAsync($"\r{line.PadRight(shown.Length)}").ConfigureAwait(false);
                shown = line;
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended, and its line makes room for what comes.
            await error.WriteAsync($"\r{new string(' ', shown.Length)}\r").ConfigureAwait(false);
        }
    }
}
