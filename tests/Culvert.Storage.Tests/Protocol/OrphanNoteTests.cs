namespace Culvert.Storage.Tests;

public class OrphanNoteTests
{
    private static readonly Quorum s_quorum = new(1);
    private static readonly ValueId s_value = new(7);
    private static readonly TimeSpan s_age = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void A_value_ages_as_long_as_all_but_f_clouds_have_it_as_it_was()
    {
        OrphanNote first = OrphanNote.After(null, s_value, [5, 5, 5, 5], s_quorum, 1000);
        Assert.Equal(1000, first.SinceMs);
        OrphanNote later = OrphanNote.After(first, s_value, [5, 5, 5, 5], s_quorum, 1100);
        Assert.Equal(1000, later.SinceMs);
        Assert.True(later.IsGivenUp(1100, s_age));
        Assert.False(later.IsGivenUp(1099, s_age));
    }

    [Fact]
    public void A_chunk_that_came_to_two_clouds_makes_it_young_again()
    {
        OrphanNote first = OrphanNote.After(null, s_value, [5, 5, 5, 5], s_quorum, 1000);
        Assert.Equal(1100, OrphanNote.After(first, s_value, [5, 5, 6, 6], s_quorum, 1100).SinceMs);
    }

    [Fact]
    public void One_cloud_that_pretends_that_something_came_or_is_away_changes_nothing()
    {
        OrphanNote first = OrphanNote.After(null, s_value, [5, 5, 5, 5], s_quorum, 1000);
        OrphanNote next = OrphanNote.After(first, s_value, [5, 5, 99, 5], s_quorum, 1100);
        Assert.Equal(1000, next.SinceMs);
        Assert.Equal(1000, OrphanNote.After(next, s_value, [5, 5, OrphanNote.Unknown, 5], s_quorum, 1200).SinceMs);
    }

    [Fact]
    public void Clouds_that_were_away_both_times_say_nothing()
    {
        OrphanNote first = OrphanNote.After(null, s_value, [5, 5, OrphanNote.Unknown, OrphanNote.Unknown], s_quorum, 1000);
        Assert.Equal(1100, OrphanNote.After(first, s_value, [5, 5, OrphanNote.Unknown, OrphanNote.Unknown], s_quorum, 1100).SinceMs);
    }

    [Fact]
    public void A_clock_that_goes_back_begins_anew()
    {
        OrphanNote first = OrphanNote.After(null, s_value, [5, 5, 5, 5], s_quorum, 1000);
        Assert.Equal(900, OrphanNote.After(first, s_value, [5, 5, 5, 5], s_quorum, 900).SinceMs);
    }
}
