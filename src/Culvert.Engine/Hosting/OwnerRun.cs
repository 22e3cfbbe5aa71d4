using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A run of a plan with protected stages, as its owner sees it: starts a host that is not trusted, releases keys to its
/// workers, reads what is in the open and shows what is to be shown. Nothing else here has the owner's secret.
/// </summary>
public sealed class OwnerRun : IRun
{
    private readonly Plan _plan;
    private readonly OwnerRunOptions _options;
    private readonly Secret _owner;
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
    private readonly HashSet<int> _greeted = [];
    private bool _warned;
    private bool _started;
    private volatile bool _stopAsked;
    private long _progress = -1;
    private long _hostSteps; // greetings and the start: each once
    private TimeSpan _progressAt;

    private OwnerRun(Plan plan, RunLayout layout, Secret owner, OwnerRunOptions options, IHostConnection host, OwnerFiles files, RunId run)
    {
        _layout = layout;
        (_plan, _owner, _options, _host, _files) = (plan, owner, options, host, files);
        _startedAt = options.Clock.Elapsed;
        _services = new OwnerServices(options.Clock, options.Entropy);
        _setup = WorkerSetup.Derive(owner, plan, run, files.Binding, stage => RunLayout.PlaceOf(stage) == StagePlace.Owner, isOwner: true);
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
    /// Starts a plan. The secret stays the caller's, and is not disposed before the run is. Input that cannot be opened and
    /// the like fail here, with <see cref="JobFailedException"/>.
    /// </summary>
    public static OwnerRun Start(Plan plan, Secret owner, OwnerRunOptions options)
    {
        RunLayout layout = RunLayout.Of(plan);
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
                Output = files.Output is { } output ? (Path.GetFullPath(options.Output!), output.Header.ToArray()) : null,
                Snapshots = options.Snapshots is { } folder ? Path.GetFullPath(folder) : null,
                SnapshotInterval = options.SnapshotInterval,
                Resume = options.Resume,
                EpcBytes = options.StateBytesMax ?? 0,
            }.Write(begin);
            host.Channel.Send(ChannelLimits.StallMax, begin.WrittenSpan);
            if (options.Resume)
            {
                run = AwaitRun(host.Channel, options.StallMax < ChannelLimits.StallMax && options.StallMax > TimeSpan.Zero ? options.StallMax : ChannelLimits.StallMax);
            }

            OwnerRun started = new(plan, layout, owner, options, host, files, run);
            started._thread.Start();
            return started;
        }
        catch
        {
            host.Dispose();
            files.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _stopAsked = true;
        _host.Channel.Send(ChannelLimits.StallMax, [(byte)HostMessageKind.EndEarly]);
    }

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
            worker.Work();
            failure = worker.Failure ?? CheckEnd(worker);
        }
        catch (Exception unexpected)
        {
            failure = unexpected;
        }

        Complete(failure);
    }

    /// <summary>Throws when the host has brought nothing for too long; otherwise gives the time that it still has.</summary>
    private TimeSpan CheckProgress()
    {
        if (_options.StallMax == Timeout.InfiniteTimeSpan)
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Once the run is to stop, going on is no progress.
        long progress = _stopAsked ? long.MaxValue : (_worker?.ProvenProgress ?? 0) + _hostSteps;
        TimeSpan now = _options.Clock.Elapsed;
        if (progress != _progress)
        {
            (_progress, _progressAt) = (progress, now);
        }

        TimeSpan left = _progressAt + _options.StallMax - now;
        return left > TimeSpan.Zero
            ? left
            : throw new JobFailedException($"the host made no progress for {_options.StallMax.TotalSeconds:0.###} s: it keeps something back, or is stuck; nothing wrong was written, and the run has no result");
    }

    /// <summary>What the host says of the end is believed when every partition has proved that it finished.</summary>
    private JobFailedException? CheckEnd(StageWorker worker)
    {
        switch (_ended?.Outcome)
        {
            case null:
                return new JobFailedException("the host is gone");
            case HostOutcome.Failed:
                return null;
            case HostOutcome.Stopped:
                return _stopAsked ? null : new JobFailedException("the host stopped the run before its end, and nobody had asked it to");
            default:
                Producer[] missing = [.. _layout.Partitions.Where(p =>
                    _layout.Stages[p.Stage.Value].Place == StagePlace.Owner ? !worker.HasFinished(p) : !_services.HasFinished(p))];
                return missing.Length == 0
                    ? null
                    : new JobFailedException($"integrity error: the host says that the run has finished, and {missing[0]} ({_layout.Stages[missing[0].Stage.Value].Name}) has not reported its end: something was kept back");
        }
    }

    private void Complete(Exception? failure)
    {
        JobFailedException? failed = failure switch
        {
            _ when _services.Failure is { } told => new JobFailedException(_files.WithPaths(told)),
            JobFailedException known => known,
            RowFailedException row => new JobFailedException(RowFailure.Describe(row, "at the owner"), row),
            ChannelEndedException when _ended is not null => null,
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
        if (!finished)
        {
            _services.Fail(failed as Exception ?? new OperationCanceledException("the run was stopped before its end"));
        }

        (long rows, long malformed, long late) = _services.Counts(_plan);
        RunReport report = new(finished, rows, malformed, late, _options.Clock.Elapsed - _startedAt, null)
        {
            MalformedPlaces = _services.MalformedPlaces(),
        };
        _host.Dispose();
        _setup.Dispose();
        _files.Dispose();
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
                int number = reader.Int32();
                Outcome<HelloMessage> hello = HelloMessage.Read(reader.Take(reader.Left));
                if (hello.Failure is { } failure)
                {
                    throw new IntegrityException(failure);
                }

                Release(number, hello.Value);
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

    /// <summary>Gives a worker the keys of the stages that it may hold: those of enclaves to enclaves only.</summary>
    private void Release(int number, HelloMessage hello)
    {
        if (number < 1 || number > 2L * _options.Workers || !_greeted.Add(number))
        {
            throw new IntegrityException(new Failure(FailureKind.Integrity, $"the host brought a greeting of worker {number}, which there cannot be, or a second one"));
        }

        if (hello.Backend.Length is 0 or > 32 || !hello.Backend.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            throw new IntegrityException(new Failure(FailureKind.Integrity, $"worker {number} says that it runs in something that has no name"));
        }

        _hostSteps++;
        Outcome<HpkePublicKey> key = HpkePublicKey.TryRead(hello.PublicKey);
        if (key.Failure is { } failure)
        {
            throw new IntegrityException(failure);
        }

        StagePlace place = hello.Backend == "process" ? StagePlace.Worker : StagePlace.Enclave;
        if (place == StagePlace.Enclave && !_warned)
        {
            _warned = true;
            _options.Warn($"enclaves run as '{hello.Backend}': nothing here protects what is inside from this machine's administrator; it is for trying out");
        }

        using WorkerSetup setup = WorkerSetup
            .Derive(_owner, _plan, _setup.Run, _files.Binding, stage => RunLayout.PlaceOf(stage) == place)
            .WithFiles(_files.InputsOf(place), _files.OutputOf(place), _options.StateBytesMax);
        byte[] release = StageRelease.Seal(setup, _options.Code.Span, key.Value, _options.Entropy);
        ArrayBufferWriter<byte> message = new();
        message.Byte((byte)HostMessageKind.WorkerRelease);
        message.Int32(number);
        message.Write(release);
        _host.Channel.Send(ChannelLimits.StallMax, message.WrittenSpan);
    }
}
