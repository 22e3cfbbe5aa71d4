using System.Buffers;

namespace Culvert.Enclaves.Tests.Work;

/// <summary>
/// A host that a test speaks for, with one worker at work on a thread of its own. Frames, rounds and questions of the worker are
/// carried and answered as an honest host would while the test waits, unless it says otherwise.
/// </summary>
internal sealed class ScriptedHost : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly SealedWords _words;
    private readonly WorkerSetup _setup;
    private readonly MemoryChannel _here;
    private readonly StageWorker _worker;
    private readonly Thread _thread;
    private bool _worked;

    internal ScriptedHost(SealedWords words, WorkerSetup? setup = null, TimeSpan? answerMax = null, bool mustRestore = false)
    {
        _words = words;
        _setup = setup ?? words.Setup();
        (_here, MemoryChannel there) = MemoryChannel.CreatePair();
        _worker = new StageWorker(there, _setup, new BlockServices(MachineClock.Instance, MachineEntropy.Instance))
        {
            AnswerMax = answerMax ?? s_patience,
            MustRestore = mustRestore,
        };
        _thread = new Thread(() =>
        {
            _worked = _worker.Work();
            there.EndSending();
        })
        {
            IsBackground = true,
        };
        _thread.Start();
    }

    /// <summary>Frames as the worker sent them, without the kind.</summary>
    internal List<byte[]> Frames { get; } = [];

    internal FailedMessage? Failed { get; private set; }

    /// <summary>What is answered to a question; null for the honest answer, none for "there is no such thing".</summary>
    internal Func<ReadMessage, byte[]?>? Answers { get; set; }

    /// <summary>Whether frames go back to the worker, which holds all partitions.</summary>
    internal bool Carries { get; set; } = true;

    internal void Send(MessageKind kind, params ReadOnlySpan<byte> fields) => _here.Send(s_patience, [(byte)kind], fields);

    internal void Send(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> writer = new();
        write(writer);
        _here.Send(s_patience, writer.WrittenSpan);
    }

    internal void Assign(StageId stage, int partition, RestorePoint? restore = null) =>
        Send(new AssignMessage(new Producer(stage, new PartitionId(partition)), restore).Write);

    internal void AssignAll()
    {
        foreach (Producer producer in _words.Partitions)
        {
            Assign(producer.Stage, producer.Partition.Value);
        }
    }

    internal void Grant(long round) => Send(new RoundMessage(MessageKind.Grant, new Round(round)).Write);

    internal void Barrier(long round) => Send(new RoundMessage(MessageKind.Barrier, new Round(round)).Write);

    /// <summary>Carries and answers until the worker has sent so many of a kind; what it sent last of it.</summary>
    internal byte[] Until(MessageKind kind, int count = 1)
    {
        while (true)
        {
            byte[] message = Next() ?? throw new InvalidOperationException($"the worker ended before it sent {kind}: {_worker.Failure?.Message}");
            if (message[0] == (byte)kind && --count == 0)
            {
                return message[1..];
            }
        }
    }

    /// <summary>Carries and answers until the worker has ended by itself; its failure.</summary>
    internal Exception UntilItFails()
    {
        while (Next() is not null)
        {
        }

        Assert.True(_thread.Join(s_patience));
        Assert.False(_worked);
        return _worker.Failure!;
    }

    /// <summary>That the worker ends with an integrity failure of these words, which the host may know.</summary>
    internal void RefusesWith(string words)
    {
        IntegrityException failure = Assert.IsType<IntegrityException>(UntilItFails());
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Integrity, Failed?.Kind);
    }

    /// <summary>Carries and answers until all partitions have finished.</summary>
    internal void UntilAllFinish()
    {
        for (int finished = 0; finished < _words.Partitions.Count();)
        {
            if (CompletedMessage.Read(Until(MessageKind.Completed)).Value.Round == Round.End)
            {
                finished++;
            }
        }
    }

    /// <summary>Says stop, and waits for the end; whether it was in good order.</summary>
    internal bool Stop()
    {
        Send(MessageKind.Stop);
        while (Next() is not null)
        {
        }

        Assert.True(_thread.Join(s_patience));
        return _worked;
    }

    public void Dispose()
    {
        _here.Dispose();
        Assert.True(_thread.Join(s_patience));
        _worker.Dispose();
        _setup.Dispose();
    }

    private byte[]? Next()
    {
        Outcome<Message> received = _here.Await(s_patience, "a message of the worker");
        if (received.Failure is { } failure)
        {
            return failure.Kind == FailureKind.Missing ? null : throw new InvalidOperationException(failure.Message);
        }

        using Message message = received.Value;
        byte[] bytes = message.Bytes.ToArray();
        switch ((MessageKind)bytes[0])
        {
            case MessageKind.Frame:
                Frames.Add(bytes[1..]);
                if (Carries && !IsReport(bytes))
                {
                    _here.Send(s_patience, bytes);
                }

                break;
            case MessageKind.Read:
                ReadMessage read = ReadMessage.Read(bytes.AsSpan(1)).Value;
                byte[]? answer = Answers is null ? _words.Answer(read) : Answers(read);
                Send(writer =>
                {
                    ReadMessage.WriteAnswer(writer, read.Number, answer is not null);
                    writer.Write(answer ?? []);
                });
                break;
            case MessageKind.Failed:
                Failed = FailedMessage.Read(bytes.AsSpan(1)).Value;
                break;
            default:
                break;
        }

        return bytes;
    }

    private bool IsReport(byte[] message) =>
        WorkerSetup.IsReportEdge(_words.Plan, Culvert.Sealing.FrameHeader.Read(message.AsSpan(1)).Value.Edge);
}
