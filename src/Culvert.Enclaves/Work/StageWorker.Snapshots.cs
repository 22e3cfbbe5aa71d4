using System.Buffers;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <content>Snapshots that leave a worker sealed, and come back to it.</content>
public sealed partial class StageWorker
{
    /// <summary>Random bytes in front of a partition's state, so that the digest of its record tells nothing of it.</summary>
    private const int BlindingBytes = 32;

    private readonly Dictionary<StageId, SnapshotWriter> _writers = [];
    private readonly System.Threading.Channels.Channel<(FrozenPartition Part, bool Finished)> _parts = System.Threading.Channels.Channel.CreateUnbounded<(FrozenPartition, bool)>();
    private Round? _barrier;
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private volatile Exception? _writingFailed;

    /// <summary>
    /// A snapshot is due at the end of a round that no source here has begun. A host that says otherwise cannot be served:
    /// the state of that moment is gone.
    /// </summary>
    private void TakeBarrier(Round round)
    {
        if (_barrier is { } last && (round <= last || _partitions.Values.Any(p => !p.HasTakenPart)))
        {
            throw Refuse($"the host asked for a snapshot of {round} before that of {last} was complete");
        }

        _barrier = round;
        foreach (WorkerPartition partition in _partitions.Values)
        {
            partition.HasTakenPart = false;
            if (!partition.Step.IsFinished && partition.Step.CompletedRound >= round)
            {
                throw Refuse($"the host asked for a snapshot of {round}, and {partition.Step.Producer} is past it");
            }
        }

        foreach (WorkerPartition partition in _partitions.Values)
        {
            TakePart(partition);
        }
    }

    /// <summary>Freezes a partition if the snapshot that is due is of where it stands.</summary>
    private void TakePart(WorkerPartition partition)
    {
        if (_barrier is not { } barrier || partition.HasTakenPart
            || !(partition.Step.IsFinished || partition.Step.CompletedRound == barrier))
        {
            return;
        }

        partition.HasTakenPart = true;
        FrozenPartition frozen = partition.Step.Freeze();
        ArrayBufferWriter<byte> meta = new();
        _services.Entropy.Fill(meta.GetSpan(BlindingBytes)[..BlindingBytes]);
        meta.Advance(BlindingBytes);
        meta.Part(partition.SourcePosition.Span);
        meta.Part(partition.Proof?.Save() ?? []);
        meta.Write(frozen.Meta.Span);
        if (!_isWriting)
        {
            _isWriting = true;
            _writing = Task.Run(WritePartsAsync);
        }

        _parts.Writer.TryWrite((frozen with { Meta = meta.WrittenMemory, Round = barrier }, partition.Step.IsFinished));
    }

    /// <summary>On a thread of its own: the worker goes on meanwhile.</summary>
    private async Task WritePartsAsync()
    {
        try
        {
            await foreach ((FrozenPartition part, bool finished) in _parts.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                PartitionSnapshot written;
                try
                {
                    written = await WriterOf(part.Producer.Stage).WritePartitionAsync(
                        part.Producer, part.Round, part.Meta, part.Tables, _stopping.Token).ConfigureAwait(false);
                }
                finally
                {
                    foreach ((_, StateVersion version) in part.Tables)
                    {
                        version.Dispose();
                    }
                }

                _services.MakeDurable();
                ArrayBufferWriter<byte> message = new();
                new PartMessage(part.Producer, part.Round, written.RecordBytes, written.Digest, finished, [.. written.Blobs]).Write(message);
                Send(message.WrittenSpan);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over; the last committed snapshot counts.
        }
        catch (Exception failure)
        {
            _writingFailed = failure;
            Fail(null, failure);
        }
    }

    private void StopWriting()
    {
        _stopping.Cancel();
        _parts.Writer.TryComplete();
        _writing.GetAwaiter().GetResult();
        while (_parts.Reader.TryRead(out (FrozenPartition Part, bool Finished) left))
        {
            foreach ((_, StateVersion version) in left.Part.Tables)
            {
                version.Dispose();
            }
        }
    }

    private SnapshotWriter WriterOf(StageId stage)
    {
        lock (_writers)
        {
            if (!_writers.TryGetValue(stage, out SnapshotWriter? writer))
            {
                writer = new SnapshotWriter(BlobsOf(stage), Run, Plan.Digest);
                _writers.Add(stage, writer);
            }

            return writer;
        }
    }

    /// <summary>The host's store as a stage may use it: sealed under the stage's state key, and bound to run, plan and name.</summary>
    private SealedBlobs BlobsOf(StageId stage) => new(
        new HostBlobs(this), _setup.StateKeys[stage], SnapshotContext(), _services.Entropy);

    private byte[] SnapshotContext()
    {
        ArrayBufferWriter<byte> context = new();
        context.UInt128(Run.Value);
        context.Write(Plan.Digest.ToBytes());
        context.Write(_setup.Task.Inputs.AsSpan());
        return context.WrittenSpan.ToArray();
    }

    private (PartitionState State, ReadOnlyMemory<byte> Position, ReadOnlyMemory<byte> Noted) Restore(Producer producer, RestorePoint point)
    {
        Task<Outcome<RestoredPartition>> loading = SnapshotReader.LoadPartitionAsync(
            BlobsOf(producer.Stage), producer, point.Round, point.RecordBytes, point.Digest, _services.Budget, CancellationToken.None).AsTask();
        Invariant.Holds(loading.IsCompleted); // the host's answers are waited for on this thread
        Outcome<RestoredPartition> loaded = loading.GetAwaiter().GetResult();
        if (loaded.Failure is { } failure)
        {
            throw Refuse($"the snapshot of {producer} cannot be used: {failure.Message}");
        }

        WriterOf(producer.Stage).Adopt(loaded.Value);
        FieldReader reader = new(loaded.Value.Meta.Span);
        reader.Take(BlindingBytes);
        byte[] position = reader.Part(loaded.Value.Meta.Length).ToArray();
        byte[] noted = reader.Part(loaded.Value.Meta.Length).ToArray();
        byte[] step = reader.Take(reader.Left).ToArray();
        if (reader.IsCut)
        {
            throw Refuse($"the snapshot of {producer} is cut");
        }

        return (new PartitionState(step, loaded.Value.Tables.ToDictionary(t => t.Name, t => t.Table)), position, noted);
    }

    /// <summary>Blobs that the host keeps. Reading is for the worker's own thread; storing for any.</summary>
    private sealed class HostBlobs(StageWorker worker) : IBlobs
    {
        public ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            ArrayBufferWriter<byte> head = new();
            head.Byte((byte)MessageKind.Store);
            head.Text(name);
            worker.Send(head.WrittenSpan, content.Span);
            return ValueTask.CompletedTask; // a host that loses it is found out when it is wanted
        }

        public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken)
        {
            using Message? answer = worker.AskNow(n => ReadMessage.OfBlob(n, ReadSubject.BlobLength, name));
            if (answer is null)
            {
                return new((long?)null);
            }

            FieldReader reader = new(BlockOf(answer));
            long length = reader.Int64();
            return reader.IsCut || length is < 0 or > ChannelLimits.MessageBytesMax ? throw Refuse($"the host says that {name} has {length} bytes") : new(length);
        }

        public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            using Message? answer = worker.AskNow(n => ReadMessage.OfBlob(n, ReadSubject.Blob, name));
            if (answer is null || offset >= BlockOf(answer).Length)
            {
                return new(0);
            }

            Span<byte> block = BlockOf(answer)[(int)offset..];
            block = block[..Math.Min(block.Length, destination.Length)];
            block.CopyTo(destination.Span);
            return new(block.Length);
        }

        public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) =>
            throw new NotSupportedException("a worker does not list what its host keeps");

        public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
            throw new NotSupportedException("a worker does not remove what its host keeps");
    }
}
