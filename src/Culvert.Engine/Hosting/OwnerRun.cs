using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A run of a plan with protected stages, as whoever starts it sees it: starts a host that is not trusted, brings keys to its
/// workers, reads what is in the open and shows what is to be shown. With the owner's secret nothing else here has it; without,
/// all of the plan is in enclaves, whose keys a broker releases, and what comes out is sealed for the owner.
/// </summary>
public sealed partial class OwnerRun : IRun
{
    private readonly Plan _plan;
    private readonly OwnerRunOptions _options;
    private readonly WorkerReleases _releases;
    private readonly IHostConnection _host;
    private readonly OwnerServices _services;
    private readonly TaskCompletionSource<RunReport> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _startedAt;
    private readonly OwnerFiles _files;
    private readonly WorkerSetup _setup;
    private readonly Thread _thread;
    private StageWorker? _worker;
    private (HostOutcome Outcome, Failure? Failure)? _ended;
    private readonly RunLayout _layout;
    private readonly ReleaseWatch? _watch;
    private readonly bool _hasKeys;
    private bool _started;
    private volatile bool _stopAsked;
    private long _hostSteps; // greetings and the start: each once

    private OwnerRun(WorkerTask task, RunLayout layout, Secret? owner, OwnerRunOptions options, IHostConnection host, OwnerFiles files, ReleaseTerms terms)
    {
        _layout = layout;
        (_plan, _options, _host, _files, _hasKeys) = (task.Plan, options, host, files, owner is not null);
        _startedAt = options.Clock.Elapsed;
        _services = new OwnerServices(options.Clock, options.Entropy);
        _watch = options.Broker is { } broker ? new ReleaseWatch(task.Plan, broker, options.Clock, options.ReleaseCheckInterval) : null;
        _releases = new WorkerReleases(task, owner, terms, files, options, _watch);
        _setup = owner is null
            ? WorkerSetup.WithoutKeys(task, terms.Lineage.Epoch)
            : WorkerSetup.Derive(owner, task, terms.Lineage, stage => RunLayout.PlaceOf(stage) == StagePlace.Owner, readsReports: true);
        _thread = new Thread(Work) { IsBackground = true, Name = "owner" };
    }

    /// <inheritdoc/>
    public Task<RunReport> Completion => _completion.Task;

    /// <inheritdoc/>
    public SealedCoverage Coverage => new()
    {
        RowsRead = _services.RowsReadHere,
        Elapsed = _options.Clock.Elapsed - _startedAt,
    };

    /// <summary>
    /// True when the run ended behind a snapshot because the manifest has a later version, which takes nothing back: resumed, it
    /// goes on in the next key epoch. For whoever has seen it complete.
    /// </summary>
    internal bool EndedForNextEpoch { get; private set; }

    /// <summary>
    /// Starts a plan. The secret stays the caller's, and is not disposed before the run is; without one there has to be a broker,
    /// and nothing that this process would have to read or show in the open. Input that cannot be opened and the like fail here,
    /// with <see cref="JobFailedException"/>.
    /// </summary>
    public static OwnerRun Start(Plan plan, Secret? owner, OwnerRunOptions options)
    {
        RunLayout layout = RunLayout.Of(plan);
        CheckNeedsNoKey(layout, owner, options.Broker);
        ReleaseTerms terms = ReleaseTerms.Ask(plan, options.Broker);
        OwnerFiles files = OwnerFiles.Open(plan, owner, options);
        IHostConnection host = (options.Host ?? (() => HostProcess.Start()))();
        try
        {
            RunId run = new(BinaryPrimitives.ReadUInt128BigEndian(RandomBytes(options.Entropy)));
            ArrayBufferWriter<byte> begin = new();
            begin.Byte((byte)HostMessageKind.Begin);
            new HostSettings(run, layout, options.Workers)
            {
                Inputs = files.InputPaths,
                Output = files.OutputPath,
                Attests = options.Broker is not null,
                Snapshots = options.Snapshots is { } folder && options.SnapshotStore is null ? Path.GetFullPath(folder) : options.Snapshots,
                SnapshotStore = options.SnapshotStore is { } store ? Path.GetFullPath(store) : null,
                SnapshotInterval = options.SnapshotInterval,
                Resume = options.Resume,
                EpcBytes = options.StateBytesMax ?? 0,
            }.Write(begin);
            host.Channel.Send(ChannelLimits.StallMax, begin.WrittenSpan);
            if (options.Resume)
            {
                run = AwaitRun(host.Channel, options.StallMax < ChannelLimits.StallMax && options.StallMax > TimeSpan.Zero ? options.StallMax : ChannelLimits.StallMax);
            }

            WorkerTask task = new()
            {
                Plan = plan,
                Run = run,
                Inputs = files.Digest,
                StateBytesMax = options.StateBytesMax ?? 0,
                Files = files.Streams,
                Output = files.OutputOf(plan.Digest, run),
                OwnerKey = files.OwnerKey,
                Proves = options.Proof is not null,
            };
            options.Proof?.Begin(task, owner, options.Broker ?? throw new JobFailedException("a result is proven by enclaves' evidence, which a key broker has to verify (--broker or --manifest)"));
            OwnerRun started = new(task, layout, owner, options, host, files, terms);
            started._thread.Start();
            return started;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Without the owner's secret nothing can be read, held or shown here.</summary>
    private static void CheckNeedsNoKey(RunLayout layout, Secret? owner, IKeyBroker? broker)
    {
        if (owner is not null)
        {
            return;
        }

        if (layout.Stages.FirstOrDefault(s => s.Place != StagePlace.Enclave) is { } here)
        {
            throw OwnerKeyException.Usage(
                here.Place == StagePlace.Worker
                    ? $"the stage '{here.Name}' is to run sealed, in a process that no evidence speaks for: it needs the owner's key (--key FILE)"
                    : $"the stage '{here.Name}' is read, computed or shown in the open here, which needs the owner's key (--key FILE); without it give sealed input ('culvert seal') and a sealed result (-o FILE.sealed)");
        }

        if (broker is null)
        {
            throw OwnerKeyException.Usage("enclaves need keys: from the owner's key (--key FILE), or from the owner's broker (--broker URL)");
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _stopAsked = true;
        _host.Channel.Send(ChannelLimits.StallMax, [(byte)HostMessageKind.EndEarly]);
    }

    /// <summary>Tells callbacks that no more comes, when nobody goes on with what was to go on.</summary>
    internal void Abandon(Exception why) => _services.Fail(why);

    /// <inheritdoc/>
    public IReadOnlyList<StageProgress> Progress()
    {
        List<StageProgress> progress = [];
        foreach (Stage stage in _plan.Stages)
        {
            Round round = _worker?.CompletedBy(stage.Id) ?? Round.None;
            long rows = _services.RowsOf(stage.Id);
            progress.Add(new StageProgress(
                stage.Name, rows, 0, null, round, Watermark.None, 0, 0, round == Round.End));
        }

        return progress;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_completion.Task.IsCompleted)
        {
            Stop();
        }

        try
        {
            await _completion.Task.ConfigureAwait(false);
        }
        catch (JobFailedException)
        {
            // Whoever awaits the completion is told.
        }

        _thread.Join();
    }

    private static byte[] RandomBytes(IEntropy entropy)
    {
        byte[] bytes = new byte[16];
        entropy.Fill(bytes);
        return bytes;
    }

    /// <summary>
    /// The run that the host says its snapshots are of. A wrong one opens nothing: keys of state and edges follow from the run,
    /// the plan and the inputs together.
    /// </summary>
    private static RunId AwaitRun(IMessageChannel channel, TimeSpan patience)
    {
        Outcome<Message> answer = channel.Await(patience, "the run that the snapshots are of");
        if (answer.Failure is { } failure)
        {
            throw new JobFailedException(failure.Message);
        }

        using Message message = answer.Value;
        FieldReader reader = new(message.Bytes);
        HostMessageKind kind = (HostMessageKind)reader.Byte();
        if (kind == HostMessageKind.Ended)
        {
            reader.Take(2);
            throw new JobFailedException(Printable(reader.Text(1 << 16)));
        }

        RunId run = new(reader.UInt128());
        return kind == HostMessageKind.Resuming && !reader.IsCut ? run : throw new JobFailedException("the host did not say which run it goes on with");
    }

    private void Work()
    {
        Exception? failure = null;
        try
        {
            using OwnerChannel channel = new(_host.Channel, Handle, CheckProgress);
            using StageWorker worker = new(channel, _setup, _services) { MustRestore = _options.Resume };
            _worker = worker;
            _watch?.Start();
            worker.Work();
            failure = worker.Failure;
            if (failure is ChannelEndedException)
            {
                ReadEnd();
            }

            if (failure is null || (failure is ChannelEndedException && _ended is not null))
            {
                failure = CheckEnd(worker);
            }
        }
        catch (Exception unexpected)
        {
            failure = unexpected;
        }

        Complete(failure);
    }

    private void Complete(Exception? failure)
    {
        JobFailedException? failed = failure switch
        {
            _ when _services.Failure is { } told => new JobFailedException(_files.WithPaths(told)),
            JobFailedException known => known,
            RowFailedException row => new JobFailedException(RowFailure.Describe(row, "at the owner"), row),
            ChannelEndedException ended => new JobFailedException($"the host has gone, and the run with it: {ended.Message}", ended),
            not null => new JobFailedException(failure.Message, failure),
            _ => null,
        };
        if (failed is null && _ended is { Outcome: HostOutcome.Failed, Failure: var reason })
        {
            string said = _files.WithPaths(reason?.Message ?? "the host failed and did not say why");
            failed = new JobFailedException(
                reason?.Kind == FailureKind.Integrity && !said.StartsWith("integrity", StringComparison.Ordinal) ? $"integrity error: {said}" : said);
        }

        bool finished = failed is null && _ended is { Outcome: HostOutcome.Finished };
        EndedForNextEpoch = failed is null && !finished && _endsForNextEpoch && !_stopAsked;
        if (!finished && !EndedForNextEpoch)
        {
            Abandon(failed as Exception ?? new OperationCanceledException("the run was stopped before its end"));
        }

        (long rows, long malformed, long late) = _services.Counts(_plan);
        RunReport report = new(finished, rows, malformed, late, _options.Clock.Elapsed - _startedAt, null)
        {
            MalformedPlaces = _services.MalformedPlaces(),
        };
        _watch?.Dispose();
        _host.Dispose();
        _setup.Dispose();
        if (failed is not null)
        {
            _completion.SetException(failed);
        }
        else
        {
            _completion.SetResult(report);
        }
    }

    private void Handle(HostMessageKind kind, Message message)
    {
        FieldReader reader = new(message.Bytes[1..]);
        switch (kind)
        {
            case HostMessageKind.WorkerHello:
                int greeting = reader.Int32();
                Answer(HostMessageKind.WorkerChallenge, greeting, _releases.Greet(greeting, reader.Take(reader.Left)));
                break;
            case HostMessageKind.WorkerEvidence:
                int attesting = reader.Int32();
                Answer(HostMessageKind.WorkerRelease, attesting, _releases.Release(attesting, reader.Take(reader.Left)));
                break;
            case HostMessageKind.WorkerStatement:
                reader.Int32();
                Outcome<StatementMessage> statement = StatementMessage.Read(reader.Take(reader.Left));
                if ((statement.Failure ?? _options.Proof?.Add(statement.Value.Statement)) is { } refused)
                {
                    throw new IntegrityException(refused);
                }

                break;
            case HostMessageKind.Started when !_started:
                _started = true;
                _hostSteps++;
                break;
            case HostMessageKind.Ended:
                HostOutcome outcome = (HostOutcome)reader.Byte();
                FailureKind failureKind = (FailureKind)reader.Byte();
                string text = Printable(reader.Text(1 << 16));
                if (reader.IsCut || reader.Left > 0 || !Enum.IsDefined(outcome))
                {
                    throw new IntegrityException(new Failure(FailureKind.Integrity, "the host's message about the end cannot be read"));
                }

                _ended = (outcome, text.Length == 0 ? null : new Failure(failureKind, text));
                _worker?.Stop();
                break;
            default:
                throw new IntegrityException(new Failure(FailureKind.Integrity, $"the host sent a message of kind {(byte)kind}"));
        }
    }

    /// <summary>A host's words are shown to people; what could move a terminal's cursor is not.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c != '\n' ? '?' : c));

    private void Answer(HostMessageKind kind, int number, byte[] fields)
    {
        _hostSteps++;
        ArrayBufferWriter<byte> message = new();
        message.Byte((byte)kind);
        message.Int32(number);
        message.Write(fields);
        _host.Channel.Send(ChannelLimits.StallMax, message.WrittenSpan);
    }
}
