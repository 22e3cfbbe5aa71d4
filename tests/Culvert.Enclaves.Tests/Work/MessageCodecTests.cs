using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.Enclaves.Tests.Work;

public class MessageCodecTests
{
    private static readonly Producer s_producer = new(new StageId(2), new PartitionId(3));
    private static readonly byte[] s_digest = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Each_message_comes_back_as_it_went()
    {
        HelloMessage hello = Whole(HelloMessage.Read(Fields(new HelloMessage([1, 2], [3], "thread").Write)));
        Assert.Equal([1, 2], hello.ReleaseKey);
        Assert.Equal([3], hello.SigningKey);
        Assert.Equal("thread", hello.Backend);

        ReleaseBinding binding = SampleBinding();
        ReleaseBinding challenged = Whole(ChallengeMessage.Read(Fields(new ChallengeMessage(binding).Write))).Binding;
        Assert.Equal(binding.ReportData(), challenged.ReportData());

        EvidenceMessage evidence = Whole(EvidenceMessage.Read(Fields(SampleEvidence().Write)));
        Assert.Equal(["a.bin", "b.json"], evidence.Files.Keys);
        Assert.Equal([4, 5], evidence.Files["a.bin"].AsEnumerable());
        Assert.Equal([6], Whole(ReadyMessage.Read(Fields(new ReadyMessage(new byte[] { 6 }).Write))).ResultHeader.ToArray());

        Assert.Equal(new AssignMessage(s_producer, null), Whole(AssignMessage.Read(Fields(new AssignMessage(s_producer, null).Write))));
        AssignMessage assign = Whole(AssignMessage.Read(Fields(new AssignMessage(s_producer, new RestorePoint(new Round(4), 77, s_digest)).Write)));
        Assert.Equal((s_producer, new Round(4), 77), (assign.Producer, assign.Restore!.Round, assign.Restore.RecordBytes));
        Assert.Equal(s_digest, assign.Restore.Digest);

        CompletedMessage completed = new(s_producer, Round.End);
        Assert.Equal(completed, Whole(CompletedMessage.Read(Fields(completed.Write))));
        RoundMessage grant = new(MessageKind.Grant, new Round(9));
        Assert.Equal(grant, Whole(RoundMessage.Read(MessageKind.Grant, Fields(grant.Write))));

        PartMessage part = Whole(PartMessage.Read(Fields(new PartMessage(s_producer, new Round(4), 77, s_digest, true, ["a", "b"]).Write)));
        Assert.Equal((s_producer, new Round(4), 77, true), (part.Producer, part.Round, part.RecordBytes, part.Finished));
        Assert.Equal(["a", "b"], part.Blobs);

        FailedMessage failed = new(FailureKind.Integrity, "what, and where");
        Assert.Equal(failed, Whole(FailedMessage.Read(Fields(failed.Write))));

        ReadMessage read = Whole(ReadMessage.Read(Fields(SampleRead().Write)));
        Assert.Equal((5L, ReadSubject.Group, new StageId(1), 2, 3, 4L), (read.Number, read.Subject, read.Stage, read.File, read.Strand, read.Group));
        Assert.Equal([6, 7], read.Columns);
    }

    [Fact]
    public void A_message_that_is_cut_anywhere_or_too_long_is_refused()
    {
        foreach ((byte[] fields, Func<byte[], Failure?> read) in Samples())
        {
            Assert.Null(read(fields));
            for (int length = 0; length < fields.Length; length++)
            {
                Assert.Equal(FailureKind.Malformed, read(fields[..length])?.Kind);
            }

            Assert.Equal(FailureKind.Malformed, read([.. fields, 0])?.Kind);
        }
    }

    [Fact]
    public void No_flipped_bit_makes_a_reader_throw()
    {
        foreach ((byte[] fields, Func<byte[], Failure?> read) in Samples())
        {
            for (int bit = 0; bit < fields.Length * 8; bit++)
            {
                byte[] flipped = [.. fields];
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.True(read(flipped)?.Kind is null or FailureKind.Malformed);
            }
        }
    }

    [Theory]
    [InlineData(8, 2)] // neither restored nor not
    [InlineData(16, 0x80)] // a negative round
    [InlineData(20, 0x80)] // a negative length
    public void An_assignment_that_cannot_be_is_refused(int at, byte value)
    {
        byte[] fields = Fields(new AssignMessage(s_producer, new RestorePoint(new Round(4), 77, s_digest)).Write);
        fields[at] = value;
        Assert.Equal(FailureKind.Malformed, AssignMessage.Read(fields).Failure?.Kind);
    }

    [Fact]
    public void Counts_above_their_limits_are_refused_before_anything_is_allocated_for_them()
    {
        byte[] part = Fields(new PartMessage(s_producer, new Round(4), 77, s_digest, true, []).Write);
        BinaryPrimitives.WriteInt32LittleEndian(part.AsSpan(part.Length - sizeof(int)), MessageLimits.BlobNamesMax + 1);
        Assert.Equal(FailureKind.Malformed, PartMessage.Read(part).Failure?.Kind);

        byte[] read = Fields((SampleRead() with { Columns = [] }).Write);
        BinaryPrimitives.WriteInt32LittleEndian(read.AsSpan(read.Length - sizeof(int)), MessageLimits.ColumnsMax + 1);
        Assert.Equal(FailureKind.Malformed, ReadMessage.Read(read).Failure?.Kind);

        byte[] longName = Fields(new HelloMessage([1], [2], new string('x', MessageLimits.TextBytesMax + 1)).Write);
        Assert.Equal(FailureKind.Malformed, HelloMessage.Read(longName).Failure?.Kind);
        byte[] longEvidence = Fields(new EvidenceMessage(SampleEvidence().Files.Add("c", [.. new byte[MessageLimits.EvidenceBytesMax + 1]])).Write);
        Assert.Equal(FailureKind.Malformed, EvidenceMessage.Read(longEvidence).Failure?.Kind);
        byte[] manyFiles = Fields(SampleEvidence().Write);
        BinaryPrimitives.WriteInt32LittleEndian(manyFiles, MessageLimits.EvidenceFilesMax + 1);
        Assert.Equal(FailureKind.Malformed, EvidenceMessage.Read(manyFiles).Failure?.Kind);
        byte[] manyStages = Fields(new ChallengeMessage(SampleBinding() with { Stages = [] }).Write);
        BinaryPrimitives.WriteInt32LittleEndian(manyStages.AsSpan(manyStages.Length - sizeof(int)), ReleaseBinding.StagesMax + 1);
        Assert.Equal(FailureKind.Malformed, ChallengeMessage.Read(manyStages).Failure?.Kind);
    }

    [Fact]
    public void A_text_that_is_not_UTF8_is_refused()
    {
        byte[] fields = Fields(new FailedMessage(FailureKind.Io, "ab").Write);
        fields[^1] = 0xff;
        Assert.Equal(FailureKind.Malformed, FailedMessage.Read(fields).Failure?.Kind);
    }

    [Fact]
    public void A_long_failure_is_shortened_to_what_is_accepted()
    {
        FailedMessage failed = Whole(FailedMessage.Read(Fields(new FailedMessage(FailureKind.Io, new string('\u20ac', 100_000)).Write)));
        Assert.Equal(MessageLimits.TextBytesMax / 4, failed.Text.Length);
    }

    [Fact]
    public void A_report_comes_back_as_it_went_and_is_refused_when_cut()
    {
        foreach (string? failure in new[] { null, "row 3: 7 / 0" })
        {
            ArrayBufferWriter<byte> writer = new();
            PartitionReport report = new(1, 2, 3, failure is null, failure);
            report.Write(writer);
            Assert.Equal(report, Whole(PartitionReport.Read(writer.WrittenSpan)));
            for (int length = 0; length < writer.WrittenCount; length++)
            {
                Assert.False(PartitionReport.Read(writer.WrittenSpan[..length]).Succeeded);
            }
        }
    }

    private static ReadMessage SampleRead() => new(5, ReadSubject.Group, "name", new StageId(1), 2, 3, 4, [6, 7]);

    private static EvidenceMessage SampleEvidence() => new(
        ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty.WithComparers(StringComparer.Ordinal).Add("a.bin", [4, 5]).Add("b.json", []));

    private static ReleaseBinding SampleBinding() => new()
    {
        Nonce = [.. s_digest],
        Broker = [1],
        Owner = [2],
        Manifest = [3],
        Plan = PlanDigest.FromBytes(s_digest),
        Job = ReleaseBinding.JobDigest("job"),
        Run = new RunId(4),
        Inputs = [5],
        Epoch = new KeyEpoch(6),
        Stages = [new StageId(1), new StageId(2)],
        ReleaseKey = [],
        SigningKey = [],
    };

    private static IEnumerable<(byte[] Fields, Func<byte[], Failure?> Read)> Samples() =>
    [
        (Fields(new HelloMessage([1, 2], [3], "thread").Write), bytes => HelloMessage.Read(bytes).Failure),
        (Fields(new ChallengeMessage(SampleBinding()).Write), bytes => ChallengeMessage.Read(bytes).Failure),
        (Fields(SampleEvidence().Write), bytes => EvidenceMessage.Read(bytes).Failure),
        (Fields(new ReadyMessage(new byte[] { 6 }).Write), bytes => ReadyMessage.Read(bytes).Failure),
        (Fields(new AssignMessage(s_producer, null).Write), bytes => AssignMessage.Read(bytes).Failure),
        (Fields(new AssignMessage(s_producer, new RestorePoint(new Round(4), 77, s_digest)).Write), bytes => AssignMessage.Read(bytes).Failure),
        (Fields(new CompletedMessage(s_producer, new Round(8)).Write), bytes => CompletedMessage.Read(bytes).Failure),
        (Fields(new RoundMessage(MessageKind.Grant, new Round(8)).Write), bytes => RoundMessage.Read(MessageKind.Grant, bytes).Failure),
        (Fields(new PartMessage(s_producer, new Round(4), 77, s_digest, true, ["a", "b"]).Write), bytes => PartMessage.Read(bytes).Failure),
        (Fields(new FailedMessage(FailureKind.Io, "text").Write), bytes => FailedMessage.Read(bytes).Failure),
        (Fields(SampleRead().Write), bytes => ReadMessage.Read(bytes).Failure),
    ];

    private static byte[] Fields(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> writer = new();
        write(writer);
        return writer.WrittenSpan[1..].ToArray();
    }

    private static T Whole<T>(Outcome<T> outcome) => outcome.Succeeded ? outcome.Value : throw new InvalidOperationException(outcome.Failure.Message);
}
