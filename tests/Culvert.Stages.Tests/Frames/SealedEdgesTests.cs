using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Stages.Tests;

public sealed class SealedEdgesTests : IDisposable
{
    private static readonly Plan s_plan = TwoStageJob.Plan;
    private static readonly Producer s_key = new(new StageId(1), new PartitionId(1));
    private static readonly Producer s_sink = new(new StageId(2), new PartitionId(0));
    private static readonly EdgeId s_edge = new(1);

    private readonly List<IDisposable> _disposables = [];

    public void Dispose() => _disposables.ForEach(d => d.Dispose());

    [Fact]
    public void Rows_come_back_with_all_that_the_frame_says()
    {
        Frame opened = Edges(s_sink).Open(Seal(Edges(s_key), Rows(3))).Value;
        using Batch batch = opened.Batch!;
        using Batch expected = Result();
        Assert.Equal("Data e1 s1/p1->p0 r2 #3", opened.ToString());
        Assert.Equal([.. Enumerable.Range(0, 2).SelectMany(expected.GetRow)], Enumerable.Range(0, 2).SelectMany(batch.GetRow));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Closes_and_ends_come_back_with_their_watermarks(bool isSealed)
    {
        SealedEdges sender = Edges(s_key, isSealed: isSealed);
        SealedEdges receiver = Edges(s_sink, isSealed: isSealed);
        long sequence = 0;
        foreach (Watermark watermark in (Watermark[])[Watermark.None, Watermark.Idle, new Watermark(5), Watermark.End])
        {
            Frame frame = Rows(sequence++) with { Kind = watermark == Watermark.End ? FrameKind.End : FrameKind.Close, Watermark = watermark, Batch = null };
            Assert.Equal(frame, receiver.Open(Seal(sender, frame)).Value);
        }
    }

    [Fact]
    public void Two_instances_of_a_producer_give_other_bytes_and_equal_frames()
    {
        byte[] one = Seal(Edges(s_key, salt: 1), Rows(3));
        byte[] other = Seal(Edges(s_key, salt: 2), Rows(3));
        Assert.False(one.AsSpan(FrameFormat.HeaderBytes).SequenceEqual(other.AsSpan(FrameFormat.HeaderBytes)));
        SealedEdges receiver = Edges(s_sink);
        using Batch first = receiver.Open(one).Value.Batch!;
        using Batch second = receiver.Open(other).Value.Batch!;
        Assert.Equal(Enumerable.Range(0, 2).SelectMany(first.GetRow), Enumerable.Range(0, 2).SelectMany(second.GetRow));
    }

    [Fact]
    public void A_frame_of_another_run_is_refused_and_named() =>
        Assert.StartsWith("Data e1 s1/p1->p0 r2 #3 is of the run 00000000000000000000000000000008", Refusal(Edges(s_sink), Seal(Edges(s_key, run: 8), Rows(3))), StringComparison.Ordinal);

    [Fact]
    public void A_frame_of_another_plan_is_refused_and_named() =>
        Assert.StartsWith("Data e1 s1/p1->p0 r2 #3 is of the plan", Refusal(Edges(s_sink), Seal(Edges(s_key, plan: TwoStageJob.Make(Protection.Sealed)), Rows(3))), StringComparison.Ordinal);

    [Fact]
    public void A_frame_of_another_stage_or_partition_is_refused_and_named()
    {
        byte[] frame = Seal(Edges(s_key), Rows(3));
        Assert.Equal("Data e1 s1/p1->p0 r2 #3 was brought to s1/p0", Refusal(Edges(s_key with { Partition = new PartitionId(0) }), frame));
        byte[] moved = Seal(Edges(s_key), Rows(4) with { To = new PartitionId(1) });
        Assert.Equal("Data e1 s1/p1->p1 r2 #4 was brought to s2/p0", Refusal(Edges(s_sink), moved));
    }

    [Fact]
    public void A_producer_or_an_edge_that_the_plan_does_not_have_is_refused()
    {
        byte[] frame = Seal(Edges(s_key), Rows(3));
        Assert.Contains("of a producer that its edge does not have", Refusal(Edges(s_sink), With(frame, 52, 9)), StringComparison.Ordinal);
        Assert.Contains("of a producer that its edge does not have", Refusal(Edges(s_sink), With(frame, 48, 0)), StringComparison.Ordinal);
        Assert.Contains("an edge that the plan does not have", Refusal(Edges(s_sink), With(frame, 40, 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_open_form_is_refused_on_a_sealed_edge_and_the_sealed_form_on_an_open_one()
    {
        Assert.Equal("Data e1 s1/p1->p0 r2 #3 is open, on an edge that is sealed", Refusal(Edges(s_sink), Seal(Edges(s_key, isSealed: false), Rows(3))));
        Assert.Equal("Data e1 s1/p1->p0 r2 #3 is sealed, on an edge that is open", Refusal(Edges(s_sink, isSealed: false), Seal(Edges(s_key), Rows(3))));
    }

    [Fact]
    public void A_sender_that_writes_other_columns_is_refused_and_named()
    {
        Frame frame = Rows(3);
        SealedEdges sender = Edges(s_key, isSealed: false);
        byte[] bytes = Seal(sender, frame);
        bytes[FrameFormat.PayloadOffset] = 3; // rows, of which only two are there
        Assert.StartsWith("Data e1 s1/p1->p0 r2 #3: a batch cannot be read", Refusal(Edges(s_sink, isSealed: false), bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_and_keys_do_not_show_in_a_sealed_frame()
    {
        string sealedBytes = Convert.ToHexString(Seal(Edges(s_key), Rows(3)));
        string openBytes = Convert.ToHexString(Seal(Edges(s_key, isSealed: false), Rows(3)));
        string key = Convert.ToHexString("a key that shows"u8);
        Assert.Contains(key, openBytes, StringComparison.Ordinal);
        Assert.DoesNotContain(key, sealedBytes, StringComparison.Ordinal);
    }

    [Fact]
    public void Edges_are_sealed_unless_both_stages_are_open()
    {
        Func<EdgeId, bool> inTheOpen = SealedEdges.AreSealed(TwoStageJob.Make(Protection.Open));
        Assert.Equal([false, false], s_plan.Edges.Select(e => inTheOpen(e.Id)));
        Plan protectedPlan = TwoStageJob.Make(Protection.Enclave);
        Assert.All(protectedPlan.Edges, e => Assert.True(SealedEdges.AreSealed(protectedPlan)(e.Id)));
        Plan owners = TwoStageJob.Make(Protection.Open, ["owner"]);
        Assert.Equal([false, false], owners.Edges.Select(e => SealedEdges.AreSealed(owners)(e.Id)));
    }

    /// <summary>What the key stage sends to the sink.</summary>
    private static Batch Result()
    {
        Schema schema = s_plan.Edges[s_edge.Value].Schema;
        ColumnBuilder[] builders = [.. schema.Fields.Select(f => ColumnBuilder.Create(f.Type))];
        Random random = new(3);
        for (int row = 0; row < 2; row++)
        {
            builders[0].AppendObject("a key that shows");
            for (int c = 1; c < builders.Length; c++)
            {
                builders[c].AppendObject(RandomColumns.Value(random, schema[c].Type.Kind));
            }
        }

        return new Batch(schema, [.. builders.Select(b => b.Build())], 2);
    }

    private static Frame Rows(long sequence) =>
        new(FrameKind.Data, s_edge, new PartitionId(0), s_key, new Round(2), new SequenceNumber(sequence), default, Result());

    private static byte[] Seal(SealedEdges edges, Frame frame) => edges.Seal(frame).ToArray();

    private static byte[] With(byte[] frame, int at, byte value)
    {
        byte[] altered = [.. frame];
        altered[at] = value;
        return altered;
    }

    private static string Refusal(SealedEdges edges, byte[] frame)
    {
        Failure? failure = edges.Open(frame).Failure;
        Assert.Equal(FailureKind.Integrity, failure?.Kind);
        return failure!.Message;
    }

    private SealedEdges Edges(Producer self, int salt = 1, int run = 7, bool isSealed = true, Plan? plan = null)
    {
        plan ??= s_plan;
        using Secret owner = Secret.CopyOf(new byte[32]);
        RunId id = new((UInt128)run);
        using Secret runKey = KeySchedule.RunKey(owner, id, plan.Digest);
        EdgeKeys keys = EdgeKeys.Derive(runKey, plan.Edges.Select(e => e.Id));
        SealedEdges edges = new(plan, id, keys, self, new InstanceSalt((UInt128)salt), _ => isSealed);
        _disposables.Add(edges);
        _disposables.Add(keys);
        return edges;
    }
}
