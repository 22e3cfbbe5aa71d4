using System.Buffers;
using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.Enclaves;

/// <summary>Limits of the messages between worker and host; more is refused before anything is allocated.</summary>
public static class MessageLimits
{
    /// <summary>Bytes of a release: a task and the key bundles of all stages.</summary>
    public const int ReleaseBytesMax = 64 << 20;

    /// <summary>Bytes of a task: a plan with its lookup tables and scripts.</summary>
    public const int TaskBytesMax = 48 << 20;

    /// <summary>Bytes of one file of evidence.</summary>
    public const int EvidenceBytesMax = 1 << 20;

    /// <summary>Files of evidence: a quote and its collateral.</summary>
    public const int EvidenceFilesMax = 16;

    /// <summary>Bytes of a sealed result's header in a ready message, and of a statement.</summary>
    public const int HeaderBytesMax = 1 << 20;

    /// <summary>Bytes of any name or text.</summary>
    public const int TextBytesMax = 4096;

    /// <summary>Columns that a read asks for.</summary>
    public const int ColumnsMax = 4096;

    /// <summary>Names of blobs in a part.</summary>
    public const int BlobNamesMax = 4096;
}

/// <summary>A worker's first message.</summary>
/// <param name="ReleaseKey">HPKE public key, made by the worker at its start and used for one release.</param>
/// <param name="SigningKey">Public key of what the worker states, made at its start: SubjectPublicKeyInfo, P-256.</param>
/// <param name="Backend">What it runs in: <c>process</c>, <c>simulation</c>.</param>
public sealed record HelloMessage(byte[] ReleaseKey, byte[] SigningKey, string Backend)
{
    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Hello);
        writer.Part(ReleaseKey);
        writer.Part(SigningKey);
        writer.Text(Backend);
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<HelloMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        HelloMessage message = new(
            reader.Part(MessageLimits.TextBytesMax).ToArray(), reader.Part(MessageLimits.TextBytesMax).ToArray(), reader.Text(MessageLimits.TextBytesMax));
        return MessageCheck.Whole(reader, message, MessageKind.Hello);
    }
}

/// <summary>What a worker's evidence is to be about: all of a <see cref="ReleaseBinding"/> but the worker's own keys.</summary>
/// <param name="Binding">The binding; its keys are empty.</param>
public sealed record ChallengeMessage(ReleaseBinding Binding)
{
    /// <summary>Writes the message.</summary>
    public void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Challenge);
        writer.Part(Binding.Nonce.AsSpan());
        writer.Part(Binding.Broker.AsSpan());
        writer.Part(Binding.Owner.AsSpan());
        writer.Part(Binding.Manifest.AsSpan());
        writer.Write(Binding.Plan.ToBytes());
        writer.Part(Binding.Job.AsSpan());
        writer.UInt128(Binding.Run.Value);
        writer.Part(Binding.Inputs.AsSpan());
        writer.Int32(Binding.Epoch.Value);
        writer.Int32(Binding.Stages.Length);
        foreach (StageId stage in Binding.Stages)
        {
            writer.Int32(stage.Value);
        }
    }

    /// <summary>Reads what follows the kind. The host may have written anything: what is wrong in it fits no evidence.</summary>
    public static Outcome<ChallengeMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        ImmutableArray<byte> nonce = Digest(ref reader);
        ImmutableArray<byte> broker = Digest(ref reader);
        ImmutableArray<byte> owner = Digest(ref reader);
        ImmutableArray<byte> manifest = Digest(ref reader);
        ReadOnlySpan<byte> plan = reader.Take(PlanDigest.SizeBytes);
        ImmutableArray<byte> job = Digest(ref reader);
        RunId run = new(reader.UInt128());
        ImmutableArray<byte> inputs = Digest(ref reader);
        KeyEpoch epoch = new(reader.Int32());
        int count = reader.Int32();
        if (reader.IsCut || count is < 0 or > ReleaseBinding.StagesMax || epoch.Value < 0)
        {
            return MessageCheck.Refuse(MessageKind.Challenge);
        }

        ImmutableArray<StageId>.Builder stages = ImmutableArray.CreateBuilder<StageId>(count);
        for (int i = 0; i < count; i++)
        {
            stages.Add(new StageId(reader.Int32()));
        }

        return reader.IsCut
            ? MessageCheck.Refuse(MessageKind.Challenge)
            : MessageCheck.Whole(
                reader,
                new ChallengeMessage(new ReleaseBinding
                {
                    Nonce = nonce,
                    Broker = broker,
                    Owner = owner,
                    Manifest = manifest,
                    Plan = PlanDigest.FromBytes(plan),
                    Job = job,
                    Run = run,
                    Inputs = inputs,
                    Epoch = epoch,
                    Stages = stages.MoveToImmutable(),
                    ReleaseKey = [],
                    SigningKey = [],
                }),
                MessageKind.Challenge);
    }

    private static ImmutableArray<byte> Digest(ref FieldReader reader) => [.. reader.Part(ReleaseBinding.DigestBytes)];
}

/// <summary>Evidence and collateral as files by name; none of a worker that nothing attests.</summary>
public sealed record EvidenceMessage(ImmutableSortedDictionary<string, ImmutableArray<byte>> Files)
{
    /// <summary>Writes the message.</summary>
    public void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Evidence);
        writer.Int32(Files.Count);
        foreach ((string name, ImmutableArray<byte> content) in Files)
        {
            writer.Text(name);
            writer.Part(content.AsSpan());
        }
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<EvidenceMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        int count = reader.Int32();
        if (reader.IsCut || count is < 0 or > MessageLimits.EvidenceFilesMax)
        {
            return MessageCheck.Refuse(MessageKind.Evidence);
        }

        ImmutableSortedDictionary<string, ImmutableArray<byte>>.Builder files = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<byte>>(StringComparer.Ordinal);
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            files[reader.Text(MessageLimits.TextBytesMax)] = [.. reader.Part(MessageLimits.EvidenceBytesMax)];
        }

        return files.Count != count ? MessageCheck.Refuse(MessageKind.Evidence) : MessageCheck.Whole(reader, new EvidenceMessage(files.ToImmutable()), MessageKind.Evidence);
    }
}

/// <summary>What a partition that has finished states of the result.</summary>
public sealed record StatementMessage(SignedStatement Statement)
{
    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Statement);
        writer.Part(Statement.Bytes.AsSpan());
        writer.Part(Statement.Signature.AsSpan());
    }

    /// <summary>Reads what follows the kind; whether the statement is one, and by whom, is not looked at.</summary>
    public static Outcome<StatementMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        StatementMessage message = new(new SignedStatement([.. reader.Part(MessageLimits.HeaderBytesMax)], [.. reader.Part(SignedStatement.SignatureBytes)]));
        return MessageCheck.Whole(reader, message, MessageKind.Statement);
    }
}

/// <summary>A worker can begin.</summary>
/// <param name="ResultHeader">The header of the sealed result, if it writes one; all who do make the same.</param>
public sealed record ReadyMessage(ReadOnlyMemory<byte> ResultHeader)
{
    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Ready);
        writer.Part(ResultHeader.Span);
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<ReadyMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        ReadyMessage message = new(reader.Part(MessageLimits.HeaderBytesMax).ToArray());
        return MessageCheck.Whole(reader, message, MessageKind.Ready);
    }
}

/// <summary>Where a partition's state lies in a snapshot.</summary>
/// <param name="Round">The snapshot's round.</param>
/// <param name="RecordBytes">Length of the partition's record.</param>
/// <param name="Digest">Its SHA-256.</param>
public sealed record RestorePoint(Round Round, int RecordBytes, byte[] Digest);

/// <summary>A partition to hold.</summary>
public sealed record AssignMessage(Producer Producer, RestorePoint? Restore)
{
    /// <summary>Writes the message.</summary>
    public void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Assign);
        MessageCheck.Write(writer, Producer);
        writer.Byte(Restore is null ? (byte)0 : (byte)1);
        if (Restore is not null)
        {
            writer.Int64(Restore.Round.Value);
            writer.Int32(Restore.RecordBytes);
            writer.Write(Restore.Digest);
        }
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<AssignMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        Producer producer = MessageCheck.ReadProducer(ref reader);
        byte restores = reader.Byte();
        RestorePoint? restore = restores == 0
            ? null
            : new RestorePoint(new Round(reader.Int64()), reader.Int32(), reader.Take(PlanDigest.SizeBytes).ToArray());
        return restores > 1 || restore is { RecordBytes: < 0 } or { Round.Value: < 0 }
            ? MessageCheck.Refuse(MessageKind.Assign)
            : MessageCheck.Whole(reader, new AssignMessage(producer, restore), MessageKind.Assign);
    }
}

/// <summary>A partition has completed a round; <see cref="Round.End"/> when it has finished.</summary>
public readonly record struct CompletedMessage(Producer Producer, Round Round)
{
    /// <summary>Writes the message.</summary>
    public void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Completed);
        MessageCheck.Write(writer, Producer);
        writer.Int64(Round.Value);
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<CompletedMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        CompletedMessage message = new(MessageCheck.ReadProducer(ref reader), new Round(reader.Int64()));
        return message.Round.Value < 0
            ? MessageCheck.Refuse(MessageKind.Completed)
            : MessageCheck.Whole(reader, message, MessageKind.Completed);
    }
}

/// <summary>A round that sources may go up to (<see cref="MessageKind.Grant"/>) or that a snapshot is of (<see cref="MessageKind.Barrier"/>).</summary>
public readonly record struct RoundMessage(MessageKind Kind, Round Round)
{
    /// <summary>Writes the message.</summary>
    public void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)Kind);
        writer.Int64(Round.Value);
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<RoundMessage> Read(MessageKind kind, ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        RoundMessage message = new(kind, new Round(reader.Int64()));
        return message.Round.Value < 0 ? MessageCheck.Refuse(kind) : MessageCheck.Whole(reader, message, kind);
    }
}

/// <summary>A partition's part of a snapshot, as its manifest names it.</summary>
public sealed record PartMessage(Producer Producer, Round Round, int RecordBytes, byte[] Digest, bool Finished, ImmutableArray<string> Blobs)
{
    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Part);
        MessageCheck.Write(writer, Producer);
        writer.Int64(Round.Value);
        writer.Int32(RecordBytes);
        writer.Write(Digest);
        writer.Byte(Finished ? (byte)1 : (byte)0);
        writer.Int32(Blobs.Length);
        foreach (string blob in Blobs)
        {
            writer.Text(blob);
        }
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<PartMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        Producer producer = MessageCheck.ReadProducer(ref reader);
        Round round = new(reader.Int64());
        int recordBytes = reader.Int32();
        byte[] digest = reader.Take(PlanDigest.SizeBytes).ToArray();
        byte finished = reader.Byte();
        int count = reader.Int32();
        if (reader.IsCut || count is < 0 or > MessageLimits.BlobNamesMax || recordBytes < 0 || round.Value < 0 || finished > 1)
        {
            return MessageCheck.Refuse(MessageKind.Part);
        }

        ImmutableArray<string>.Builder blobs = ImmutableArray.CreateBuilder<string>();
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            blobs.Add(reader.Text(MessageLimits.TextBytesMax));
        }

        return MessageCheck.Whole(reader, new PartMessage(producer, round, recordBytes, digest, finished == 1, blobs.ToImmutable()), MessageKind.Part);
    }
}

/// <summary>Why a worker has stopped. The text holds nothing of the data: what does goes to the owner, sealed.</summary>
public sealed record FailedMessage(FailureKind Kind, string Text)
{
    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Byte((byte)MessageKind.Failed);
        writer.Byte((byte)Kind);
        writer.Text(Text.Length > MessageLimits.TextBytesMax / 4 ? Text[..(MessageLimits.TextBytesMax / 4)] : Text);
    }

    /// <summary>Reads what follows the kind.</summary>
    public static Outcome<FailedMessage> Read(ReadOnlySpan<byte> fields)
    {
        FieldReader reader = new(fields);
        FailureKind kind = (FailureKind)reader.Byte();
        string text = reader.Text(MessageLimits.TextBytesMax);
        return Enum.IsDefined(kind)
            ? MessageCheck.Whole(reader, new FailedMessage(kind, text), MessageKind.Failed)
            : MessageCheck.Refuse(MessageKind.Failed);
    }
}

internal static class MessageCheck
{
    internal static Outcome<T> Whole<T>(FieldReader reader, T message, MessageKind kind) =>
        reader.IsCut || reader.Left > 0 ? Refuse(kind) : message;

    internal static Failure Refuse(MessageKind kind) => new(FailureKind.Malformed, $"a {kind} message has fields that cannot be");

    internal static void Write(IBufferWriter<byte> writer, Producer producer)
    {
        writer.Int32(producer.Stage.Value);
        writer.Int32(producer.Partition.Value);
    }

    internal static Producer ReadProducer(ref FieldReader reader) => new(new StageId(reader.Int32()), new PartitionId(reader.Int32()));
}
