using System.Buffers;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Stages.Tests;

public sealed class PartitionStepTests : IDisposable
{
    private static readonly Schema s_schema = new(new Field("n", new ColumnType(ValueKind.Int32)));
    private static readonly Plan s_plan = Plan.Compile(new Job(
        "two producers", new SinkNode(new SourceNode(new Source(), s_schema), new Sink())));

    private readonly Output _output = new();
    private readonly PartitionStep _step;

    public PartitionStepTests() => _step = New(null);

    public void Dispose() => _step.Dispose();

    [Fact]
    public void A_data_frame_without_rows_is_refused_and_named() =>
        Assert.Equal("Data e0 s0/p0->p0 r0 #0 has no rows, which a frame of its kind cannot be", Refusal(Close(0, 0, 0) with { Kind = FrameKind.Data }));

    [Fact]
    public void A_close_with_rows_is_refused_and_named() =>
        Assert.Equal("Close e0 s0/p0->p0 r0 #0 has rows, which a frame of its kind cannot be", Refusal(Data(0, 0, 0, 7) with { Kind = FrameKind.Close }));

    [Fact]
    public void Rows_of_another_edge_are_refused_and_named()
    {
        ColumnBuilder texts = ColumnBuilder.Create(new ColumnType(ValueKind.Text));
        texts.AppendObject("seven");
        Batch batch = new(new Schema(new Field("t", texts.Type)), [texts.Build()], 1);
        Assert.Equal("Data e0 s0/p0->p0 r0 #0 has other columns than the edge e0", Refusal(Close(0, 0, 0) with { Kind = FrameKind.Data, Batch = batch }));
    }

    [Fact]
    public void A_frame_for_another_partition_is_refused_and_named() =>
        Assert.Equal("Close e0 s0/p0->p3 r0 #0 was brought to s1/p0", Refusal(Close(0, 0, 0) with { To = new PartitionId(3) }));

    [Fact]
    public void A_frame_of_an_edge_that_the_plan_does_not_have_is_refused_and_named() =>
        Assert.Contains("which the plan does not have", Refusal(Data(0, 0, 0, 7) with { Edge = new EdgeId(9) }), StringComparison.Ordinal);

    [Fact]
    public void A_partition_that_has_refused_a_frame_takes_nothing_more()
    {
        Refusal(Close(0, 0, 5));
        Assert.Equal("s1/p0 has stopped after an integrity error", Refusal(Close(0, 0, 0)));
    }

    [Fact]
    public void What_only_waits_when_a_snapshot_is_taken_is_taken_again_behind_it()
    {
        foreach (Frame frame in new[] { Data(0, 0, 0, 1), Close(0, 0, 1), Data(0, 1, 2, 2), Close(0, 1, 3), Data(1, 0, 0, 3), Close(1, 0, 1) })
        {
            Assert.True(_step.Receive(frame).Value);
        }

        CompleteRound(_step);
        Assert.Equal([1, 3], _output.Rows);
        Assert.Equal(new Round(0), _step.CompletedRound);

        // Round 1 of producer 0 has been taken and waits for producer 1: it is in no state.
        using PartitionStep resumed = New(new PartitionState(_step.Freeze().Meta, new Dictionary<string, StateTable>()));
        Assert.False(resumed.Receive(Data(0, 0, 0, 1)).Value);
        Assert.True(resumed.Receive(Data(0, 1, 2, 2)).Value);
        Assert.True(resumed.Receive(Close(0, 1, 3)).Value);
        Assert.True(resumed.Receive(Close(1, 1, 2)).Value);
        CompleteRound(resumed);
        Assert.Equal([1, 3, 2], _output.Rows);
        Assert.Equal(new Round(1), resumed.CompletedRound);
    }

    private static void CompleteRound(PartitionStep step)
    {
        MergeStep did;
        do
        {
            did = step.Advance();
            Assert.NotEqual(MergeStep.Wait, did);
        }
        while (did != MergeStep.CompleteRound);
    }

    private PartitionStep New(PartitionState? state) => new(s_plan, new StageId(1), new PartitionId(0), _output, _output, state);

    private string Refusal(Frame frame)
    {
        Failure? failure = _step.Receive(frame).Failure;
        Assert.Equal(FailureKind.Integrity, failure?.Kind);
        return failure!.Message;
    }

    private static Frame Data(int producer, long round, long sequence, int value)
    {
        FixedColumnBuilder<int> values = new(new ColumnType(ValueKind.Int32));
        values.Append(value);
        return Close(producer, round, sequence) with { Kind = FrameKind.Data, Batch = new Batch(s_schema, [values.Build()], 1) };
    }

    private static Frame Close(int producer, long round, long sequence) => new(
        FrameKind.Close,
        new EdgeId(0),
        new PartitionId(0),
        new Producer(new StageId(0), new PartitionId(producer)),
        new Round(round),
        new SequenceNumber(sequence),
        Watermark.Idle);

    private sealed class Source : SourceSpec
    {
        public override int PartitionCount => 2;

        public override string Canonical => "two";

        public override string Description => "two";
    }

    private sealed class Sink : SinkSpec
    {
        public override string Canonical => "rows";

        public override string Description => "rows";
    }

    private sealed class Output : IFrameSink, IStageServices, ISinkWriter
    {
        internal List<int> Rows { get; } = [];

        public void Send(Frame frame) => Assert.Fail("a sink's stage sends nothing");

        public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position) => this;

        public void Write(Batch batch, Round round) => Rows.AddRange(batch.Fixed<int>(0).Values.ToArray());

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            writer.GetSpan(1)[0] = 1;
            writer.Advance(1);
        }

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }
    }
}
