using Culvert.Sealing;

namespace Culvert.Stages.Tests;

public class TimestampVectorTests
{
    private static readonly EdgeId s_edge = new(3);
    private static readonly Producer s_left = new(new StageId(0), new PartitionId(0));
    private static readonly Producer s_right = new(new StageId(0), new PartitionId(1));

    private readonly TimestampVector _vector = new([new Channel(s_edge, s_right), new Channel(s_edge, s_left)]);

    [Fact]
    public void Channels_are_in_order_whatever_order_they_were_given_in() =>
        Assert.Equal([new Channel(s_edge, s_left), new Channel(s_edge, s_right)], _vector.Channels.ToArray());

    [Fact]
    public void The_frames_of_a_producer_are_taken_one_after_another()
    {
        Assert.Equal(FrameVerdict.Next, Take(FrameKind.Data, 0, 0));
        Assert.Equal(FrameVerdict.Next, Take(FrameKind.Close, 0, 1));
        Assert.Equal(FrameVerdict.Next, Take(FrameKind.Close, 1, 2));
        Assert.Equal(FrameVerdict.Next, Take(FrameKind.End, 2, 3));
        Assert.Equal((new SequenceNumber(4), new Round(1), true), _vector[0]);
    }

    [Fact]
    public void Producers_are_counted_apart()
    {
        Take(FrameKind.Close, 0, 0);
        Assert.Equal(FrameVerdict.Next, Take(FrameKind.Data, 0, 0, s_right));
        Assert.Equal((new SequenceNumber(1), new Round(0), false), _vector[0]);
        Assert.Equal((new SequenceNumber(1), Round.None, false), _vector[1]);
    }

    [Fact]
    public void A_frame_that_was_taken_is_a_duplicate_also_behind_the_end_mark_and_changes_nothing()
    {
        Take(FrameKind.Data, 0, 0);
        Take(FrameKind.End, 0, 1);
        Assert.Equal(FrameVerdict.Duplicate, Take(FrameKind.Data, 0, 0));
        Assert.Equal(FrameVerdict.Duplicate, Take(FrameKind.End, 0, 1));
        Assert.Equal((new SequenceNumber(2), Round.None, true), _vector[0]);
    }

    [Fact]
    public void A_gap_is_refused_and_named() =>
        Assert.Equal("frame #1 of r0 from s0/p0 along e3: #0 was expected, so frames were lost or moved", Refusal(FrameKind.Data, 0, 1));

    [Fact]
    public void A_round_that_does_not_follow_is_refused_and_named()
    {
        Take(FrameKind.Close, 0, 0);
        Assert.Equal("frame #1 of r0 from s0/p0 along e3: round r1 was expected", Refusal(FrameKind.Data, 0, 1));
        Assert.Equal("frame #1 of r2 from s0/p0 along e3: round r1 was expected", Refusal(FrameKind.Close, 2, 1));
    }

    [Fact]
    public void Anything_behind_the_end_mark_is_refused()
    {
        Take(FrameKind.End, 0, 0);
        Assert.Equal("frame #1 of r0 from s0/p0 along e3 comes behind the end mark", Refusal(FrameKind.Data, 0, 1));
    }

    [Fact]
    public void A_producer_that_the_plan_does_not_have_is_refused()
    {
        Producer stranger = new(new StageId(7), new PartitionId(0));
        Outcome<FrameVerdict> taken = _vector.Take(FrameKind.Data, s_edge, stranger, new Round(0), new SequenceNumber(0));
        Assert.Equal("frame #0 of r0 comes from s7/p0 along e3, which the plan does not have", taken.Failure?.Message);
        Assert.Equal(FailureKind.Integrity, taken.Failure?.Kind);
        Assert.Equal(-1, _vector.IndexOf(new Channel(new EdgeId(4), s_left)));
    }

    [Fact]
    public void What_is_refused_changes_nothing()
    {
        Take(FrameKind.Data, 0, 0);
        Refusal(FrameKind.Data, 0, 5);
        Refusal(FrameKind.Data, 9, 1);
        Assert.Equal((new SequenceNumber(1), Round.None, false), _vector[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(255)]
    public void A_kind_that_there_is_not_is_refused(byte kind) =>
        Assert.Contains("frame #0 of r0 from s0/p0 along e3", Refusal((FrameKind)kind, 0, 0), StringComparison.Ordinal);

    [Fact]
    public void A_sequence_number_below_zero_is_refused() =>
        Assert.Contains("frame #-1 of r0 from s0/p0 along e3", Refusal(FrameKind.Data, 0, -1), StringComparison.Ordinal);

    [Fact]
    public void It_reads_back_what_it_wrote()
    {
        Take(FrameKind.Data, 0, 0);
        Take(FrameKind.Close, 0, 1);
        Take(FrameKind.End, 0, 0, s_right);
        byte[] bytes = new byte[_vector.SizeBytes];
        _vector.Write(bytes);
        TimestampVector read = new(_vector.Channels.ToArray());
        Assert.True(read.Read(bytes).Succeeded);
        Assert.Equal(_vector[0], read[0]);
        Assert.Equal(_vector[1], read[1]);
    }

    [Theory]
    [InlineData(33, 0, 0)] // a byte short
    [InlineData(34, 7, 0x80)] // a sequence number below zero
    [InlineData(34, 15, 0x7f)] // more rounds closed than frames taken
    [InlineData(34, 16, 2)] // an end mark that is neither
    public void It_does_not_read_what_cannot_be(int length, int index, byte value)
    {
        byte[] bytes = new byte[_vector.SizeBytes];
        _vector.Write(bytes);
        bytes[index] = value == 0 ? bytes[index] : value;
        Assert.Equal(FailureKind.Malformed, _vector.Read(bytes.AsSpan(0, length)).Failure?.Kind);
    }

    [Fact]
    public void Behind_a_round_it_leaves_out_the_frames_that_wait_for_later_ones()
    {
        Take(FrameKind.Close, 0, 0);
        Take(FrameKind.Data, 1, 1);
        Take(FrameKind.Close, 1, 2);
        Take(FrameKind.End, 2, 3);
        Take(FrameKind.Close, 0, 0, s_right);
        TimestampVector behind = _vector.Behind(new Round(0), [3, 0]);
        Assert.Equal((new SequenceNumber(1), new Round(0), false), behind[0]);
        Assert.Equal((new SequenceNumber(1), new Round(0), false), behind[1]);
        Assert.Equal((new SequenceNumber(4), new Round(1), true), _vector[0]);
    }

    private FrameVerdict Take(FrameKind kind, long round, long sequence, Producer? from = null) =>
        _vector.Take(kind, s_edge, from ?? s_left, new Round(round), new SequenceNumber(sequence)).Value;

    private string Refusal(FrameKind kind, long round, long sequence)
    {
        Failure? failure = _vector.Take(kind, s_edge, s_left, new Round(round), new SequenceNumber(sequence)).Failure;
        Assert.Equal(FailureKind.Integrity, failure?.Kind);
        return failure!.Message;
    }
}
