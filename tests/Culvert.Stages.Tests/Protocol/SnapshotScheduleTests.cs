namespace Culvert.Stages.Tests;

public class SnapshotScheduleTests
{
    private static readonly Producer s_source = new(new StageId(0), new PartitionId(0));
    private static readonly Producer s_stage = new(new StageId(1), new PartitionId(0));

    private readonly SnapshotSchedule _schedule = new([s_source, s_stage], Round.None, []);

    [Fact]
    public void A_snapshot_is_of_the_round_behind_the_newest_that_was_started()
    {
        _schedule.RoundStarts(new Round(4));
        _schedule.RoundStarts(new Round(2));
        Assert.Equal([], _schedule.Request());
        Assert.Equal(new Round(5), _schedule.Barrier);
    }

    [Fact]
    public void A_resumed_run_takes_its_first_one_behind_the_round_it_goes_on_from()
    {
        SnapshotSchedule resumed = new([s_source], new Round(7), []);
        resumed.Request();
        Assert.Equal(new Round(8), resumed.Barrier);
    }

    [Fact]
    public void Each_partition_takes_its_part_when_it_completes_the_round_and_once()
    {
        _schedule.RoundStarts(new Round(0));
        _schedule.Request();
        Assert.False(_schedule.RoundCompleted(s_source, new Round(0)));
        Assert.True(_schedule.RoundCompleted(s_source, new Round(1)));
        Assert.False(_schedule.RoundCompleted(s_source, new Round(2)));
        Assert.False(_schedule.RoundCompleted(s_stage, new Round(0)));
        Assert.True(_schedule.RoundCompleted(s_stage, new Round(1)));
    }

    [Fact]
    public void Without_a_request_nobody_takes_part()
    {
        Assert.False(_schedule.RoundCompleted(s_source, new Round(0)));
        Assert.False(_schedule.Finished(s_source));
    }

    [Fact]
    public void One_is_under_way_at_a_time()
    {
        Assert.NotNull(_schedule.Request());
        Assert.Null(_schedule.Request());
        _schedule.Done();
        Assert.Null(_schedule.Barrier);
        Assert.NotNull(_schedule.Request());
    }

    [Fact]
    public void It_is_to_be_committed_when_the_last_part_is_stored()
    {
        _schedule.Request();
        Assert.False(_schedule.Stored(s_stage));
        Assert.True(_schedule.Stored(s_source));
    }

    [Fact]
    public void A_part_that_is_stored_twice_is_a_programming_error()
    {
        _schedule.Request();
        _schedule.Stored(s_stage);
        Assert.Throws<InvariantViolationException>(() => _schedule.Stored(s_stage));
    }

    [Fact]
    public void A_partition_that_finishes_while_one_is_under_way_takes_its_part_then()
    {
        _schedule.Request();
        Assert.True(_schedule.Finished(s_source));
        Assert.False(_schedule.AllFinished);
        Assert.True(_schedule.Finished(s_stage));
        Assert.True(_schedule.AllFinished);
    }

    [Fact]
    public void A_partition_that_has_taken_its_part_does_not_take_it_again_when_it_finishes()
    {
        _schedule.Request();
        Assert.True(_schedule.RoundCompleted(s_source, new Round(0)));
        Assert.False(_schedule.Finished(s_source));
    }

    [Fact]
    public void Partitions_that_have_finished_take_their_parts_at_once()
    {
        _schedule.Finished(s_source);
        Assert.Equal([s_source], _schedule.Request());
        SnapshotSchedule resumed = new([s_source, s_stage], new Round(3), [s_source, s_stage]);
        Assert.True(resumed.AllFinished);
        Assert.Equal([s_source, s_stage], resumed.Request());
    }
}
