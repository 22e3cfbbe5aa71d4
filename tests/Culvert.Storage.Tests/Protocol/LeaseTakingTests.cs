namespace Culvert.Storage.Tests;

public class LeaseTakingTests
{
    private const long Now = 1_000_000;

    private static readonly UnitName s_unit = UnitName.TryParse("u").Value;
    private static readonly Lease s_own = new(s_unit, new WriterId(1), 1, Now, Now + 1000);

    private readonly Dictionary<string, Lease> _signed = [];

    [Fact]
    public void A_lease_is_held_when_all_but_f_clouds_show_none_take_it_and_show_none_again()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        ListAll(hand, 0, 1, 2);
        Assert.Equal([0, 1, 2, 3], hand.Calls.OfType<PutCall>().Select(put => put.Slot));
        Assert.All(hand.Calls.OfType<PutCall>(), put => Assert.Equal(s_own.ObjectName, put.Name));
        PutAll(hand, 0, 1, 3);
        Assert.Null(core.Result);
        ListAll(hand, 1, 2, 3);
        Assert.True(core.Result?.IsHeld);
    }

    [Fact]
    public void Another_lease_that_counts_keeps_it_from_being_put()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease other = Other(2, Now + 1);
        ListAll(hand, 0, 1);
        Show(hand, 2, other);
        Assert.Equal(new LeaseResult(false, other), core.Result);
        Assert.DoesNotContain(hand.Calls, call => call is PutCall or RemoveCall);
    }

    [Fact]
    public void Another_lease_that_comes_meanwhile_makes_both_give_up_and_ones_own_is_taken_back_everywhere()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease other = Other(2, Now + 1);
        ListAll(hand, 0, 1, 2);
        PutAll(hand, 0, 1, 2);
        ListAll(hand, 0, 1);
        Show(hand, 2, other);
        Assert.Equal(new LeaseResult(false, other), core.Result);
        Assert.Equal([0, 1, 2, 3], Removals(hand, s_own.ObjectName));

        // The put that was late is taken back once more.
        hand.Bring(Assert.Single(hand.Calls.OfType<PutCall>()), CloudReply.Done);
        Assert.Equal([0, 1, 2, 3, 3], Removals(hand, s_own.ObjectName));
    }

    [Fact]
    public void Of_several_others_the_one_that_ends_last_is_told()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease last = Other(3, Now + 500);
        Show(hand, 0, Other(2, Now + 1), last, Other(4, Now + 2));
        ListAll(hand, 1, 2);
        Assert.Equal(last, core.Result?.Other);
    }

    [Fact]
    public void A_lease_that_has_ended_is_in_nobodys_way_and_is_removed_where_it_was_met()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease ended = Other(2, Now);
        Show(hand, 1, ended);
        Assert.Equal([1], Removals(hand, ended.ObjectName));
        ListAll(hand, 0, 2);
        Assert.NotEmpty(hand.Calls.OfType<PutCall>());
        Assert.Null(core.Result);
    }

    [Fact]
    public void A_lease_that_is_listed_and_cannot_be_had_makes_its_cloud_one_that_does_not_tell()
    {
        // A cloud that lists a lease and then falls silent may have the only copy of it that an honest one shows.
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease other = Other(2, Now + 1);
        hand.Bring(0, "u/", CoreHand<LeaseResult>.Names(other.ObjectName));
        hand.Bring(0, other.ObjectName, CoreHand<LeaseResult>.Down);
        ListAll(hand, 1, 2);
        Assert.Empty(hand.Calls.OfType<PutCall>());
        Show(hand, 3, other);
        Assert.Equal(other, core.Result?.Other);
    }

    [Fact]
    public void A_lease_that_was_given_back_between_list_and_get_is_none()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease other = Other(2, Now + 1);
        hand.Bring(0, "u/", CoreHand<LeaseResult>.Names(other.ObjectName));
        hand.Bring(0, other.ObjectName, CoreHand<LeaseResult>.Absent);
        ListAll(hand, 1, 2);
        Assert.NotEmpty(hand.Calls.OfType<PutCall>());
        Assert.Null(core.Result);
    }

    [Fact]
    public void A_cloud_that_lists_more_leases_than_can_be_has_not_told_which_count()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease[] planted = [.. Enumerable.Range(2, LeaseTaking.LeasesMax + 1).Select(writer => Other((ulong)writer, Now))];
        Show(hand, 0, planted);
        ListAll(hand, 1, 2);
        Assert.Empty(hand.Calls.OfType<PutCall>());
        Assert.Equal(LeaseTaking.LeasesMax, hand.Calls.OfType<RemoveCall>().Count());
        ListAll(hand, 3);
        Assert.NotEmpty(hand.Calls.OfType<PutCall>());
        Assert.Equal("0: it lists 65 leases, of which one or two can be", core.Reports.Text(slot => $"{slot}"));
    }

    [Fact]
    public void What_nobody_signed_or_is_of_another_name_or_too_long_is_charged_and_in_nobodys_way()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease other = Other(2, Now + 1);
        Lease elsewhere = other with { Unit = UnitName.TryParse("v").Value };
        _signed["elsewhere"] = elsewhere;
        string[] names = [.. Enumerable.Range(1, 4).Select(i => UnitObjects.Lease(s_unit, new WriterId(9), (UInt128)i))];
        hand.Bring(0, "u/", CoreHand<LeaseResult>.Names([.. names, "v/l/other", "u/u/b/1"]));
        hand.Bring(0, names[0], CloudReply.Of("forged"u8.ToArray()));
        hand.Bring(0, names[1], CloudReply.Of(System.Text.Encoding.UTF8.GetBytes(other.ObjectName)));
        hand.Bring(0, names[2], CloudReply.Of("elsewhere"u8.ToArray()));
        hand.Bring(0, names[3], CloudReply.TooLong("it has 2000 bytes", new byte[10]));
        ListAll(hand, 1, 2);
        Assert.NotEmpty(hand.Calls.OfType<PutCall>());
        Assert.Equal(names.Select(name => (0, ChargeKind.Forged, name)), core.Reports.Charges.Select(charge => (charge.Slot, charge.Kind, charge.ObjectName)));
    }

    [Fact]
    public void A_lease_by_a_key_that_is_not_known_is_suspicion_only()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        Lease other = Other(2, Now + 1);
        hand.Bring(0, "u/", CoreHand<LeaseResult>.Names(other.ObjectName));
        hand.Bring(0, other.ObjectName, CloudReply.Of("stranger"u8.ToArray()));
        CloudCharge charge = Assert.Single(core.Reports.Charges);
        Assert.Equal((ChargeKind.UnknownSigner, false), (charge.Kind, charge.IsCertain));
    }

    [Fact]
    public void Ones_own_earlier_lease_is_not_in_the_way()
    {
        Lease earlier = s_own with { Nonce = 7 };
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin(earlier: [7]);
        for (int slot = 0; slot < 3; slot++)
        {
            hand.Bring(slot, "u/", CoreHand<LeaseResult>.Names(earlier.ObjectName, s_own.ObjectName));
        }

        Assert.NotEmpty(hand.Calls.OfType<PutCall>());
        Assert.Null(core.Result);
    }

    [Fact]
    public void With_too_few_clouds_it_is_given_up_and_what_was_put_is_taken_back()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        hand.Bring(0, "u/", CoreHand<LeaseResult>.Down);
        ListAll(hand, 1, 2, 3);
        PutAll(hand, 1);
        foreach (PutCall put in hand.Calls.OfType<PutCall>().Where(put => put.Slot is 0 or 2).ToArray())
        {
            hand.Bring(put, CoreHand<LeaseResult>.Down);
        }

        Assert.Equal(new LeaseResult(false, null), core.Result);
        Assert.Equal([0, 1, 2, 3], Removals(hand, s_own.ObjectName));
    }

    [Fact]
    public void An_answer_of_the_first_look_does_not_count_for_the_second()
    {
        (LeaseTaking core, CoreHand<LeaseResult> hand) = Begin();
        ListAll(hand, 0, 1, 2);
        ListCall late = Assert.Single(hand.Calls.OfType<ListCall>());
        PutAll(hand, 0, 1, 2);
        ListAll(hand, 0, 1);
        hand.Bring(late, CoreHand<LeaseResult>.Names());
        Assert.Null(core.Result);
    }

    private static void ListAll(CoreHand<LeaseResult> hand, params int[] slots)
    {
        foreach (int slot in slots)
        {
            hand.Bring(hand.Calls.Last(call => call is ListCall && call.Slot == slot), CoreHand<LeaseResult>.Names());
        }
    }

    private static void PutAll(CoreHand<LeaseResult> hand, params int[] slots)
    {
        foreach (int slot in slots)
        {
            hand.Bring(Assert.Single(hand.Calls.OfType<PutCall>(), put => put.Slot == slot), CloudReply.Done);
        }
    }

    private static IEnumerable<int> Removals(CoreHand<LeaseResult> hand, string name) =>
        hand.Calls.OfType<RemoveCall>().Where(removal => removal.Name == name).Select(removal => removal.Slot);

    /// <summary>A cloud lists leases and gives them.</summary>
    private static void Show(CoreHand<LeaseResult> hand, int slot, params Lease[] leases)
    {
        hand.Bring(hand.Calls.Last(call => call is ListCall && call.Slot == slot), CoreHand<LeaseResult>.Names(leases.Select(lease => lease.ObjectName)));
        foreach (GetCall get in hand.Calls.OfType<GetCall>().Where(get => get.Slot == slot).ToArray())
        {
            hand.Bring(get, CloudReply.Of(System.Text.Encoding.UTF8.GetBytes(get.Name)));
        }
    }

    /// <summary>Another's lease; its bytes are its name here, since signatures are tested elsewhere.</summary>
    private Lease Other(ulong writer, long ends)
    {
        Lease lease = new(s_unit, new WriterId(writer), 1, Now - 1000, ends);
        return _signed[lease.ObjectName] = lease;
    }

    private (LeaseTaking Core, CoreHand<LeaseResult> Hand) Begin(IEnumerable<UInt128>? earlier = null)
    {
        LeaseTaking core = new(new Quorum(1), s_own, new byte[1], earlier ?? [], Read, lease => lease.EndsMs > Now);
        return (core, new CoreHand<LeaseResult>(core).Start());
    }

    private Outcome<Lease> Read(ReadOnlyMemory<byte> bytes)
    {
        string text = System.Text.Encoding.UTF8.GetString(bytes.Span);
        return _signed.TryGetValue(text, out Lease? lease) ? lease
            : text == "stranger" ? SignedObject.UnknownSigner("lease")
            : new Failure(FailureKind.Integrity, "lease: nobody signed it");
    }
}
