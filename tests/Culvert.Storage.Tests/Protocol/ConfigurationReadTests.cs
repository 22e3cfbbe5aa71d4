using Culvert.Sealing;

namespace Culvert.Storage.Tests;

public sealed class ConfigurationReadTests : IDisposable
{
    private readonly Secret _secret = Secret.CopyOf(new byte[32]);
    private readonly StoreKeys _keys;
    private readonly StoreConfiguration _first;
    private readonly StoreConfiguration _second;

    public ConfigurationReadTests()
    {
        _keys = StoreKeys.OfOwner(_secret);
        _first = Make(1, default);
        _second = Make(2, _first.Digest);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _secret.Dispose();
    }

    [Fact]
    public void The_newest_that_f_plus_one_of_three_clouds_hold_is_taken_and_the_fourth_is_not_waited_for()
    {
        (ConfigurationRead core, CoreHand<ConfigurationReading> hand) = Begin();
        Answer(hand, 0, _second, _first);
        Answer(hand, 2, _second, _first);
        Assert.Null(core.Result);
        Answer(hand, 3, _first);
        Assert.Equal(_second.Digest, core.Result?.Newest?.Digest);
        Assert.Empty(hand.Calls);
    }

    [Fact]
    public void One_that_a_single_cloud_has_is_not_followed_although_the_owner_signed_it()
    {
        // A replacement that was cut short, or a cloud that was told what the others were not.
        (ConfigurationRead core, CoreHand<ConfigurationReading> hand) = Begin();
        Answer(hand, 0, _second, _first);
        Answer(hand, 1, _first);
        Answer(hand, 2, _first);
        Assert.Equal(_first.Digest, core.Result?.Newest?.Digest);
    }

    [Fact]
    public void Two_of_one_number_are_two()
    {
        StoreConfiguration fork = Make(2, _first.Digest, timeMs: 9);
        (ConfigurationRead core, CoreHand<ConfigurationReading> hand) = Begin();
        Answer(hand, 0, _second);
        Answer(hand, 1, fork);
        Answer(hand, 2, _first);
        Assert.Null(core.Result!.Newest);
    }

    [Fact]
    public void One_under_another_number_or_of_another_owner_is_charged()
    {
        using Secret other = Secret.CopyOf([.. Enumerable.Repeat((byte)7, 32)]);
        using StoreKeys stranger = StoreKeys.OfOwner(other);
        (ConfigurationRead core, CoreHand<ConfigurationReading> hand) = Begin();
        hand.Bring(0, "c/", CoreHand<ConfigurationReading>.Names(UnitObjects.Configuration(9)));
        hand.Bring(0, UnitObjects.Configuration(9), CloudReply.Of(_second.Bytes));
        hand.Bring(1, "c/", CoreHand<ConfigurationReading>.Names(UnitObjects.Configuration(2)));
        hand.Bring(1, UnitObjects.Configuration(2), CloudReply.Of(Make(2, _first.Digest, keys: stranger).Bytes));
        hand.Bring(2, "c/", CoreHand<ConfigurationReading>.Names(UnitObjects.Configuration(2)));
        hand.Bring(2, UnitObjects.Configuration(2), CloudReply.TooLong("it has a gigabyte", new byte[4]));
        Assert.Null(core.Result!.Newest);
        Assert.Equal([0, 1, 2], core.Reports.Charges.Select(charge => charge.Slot));
        Assert.All(core.Reports.Charges, charge => Assert.Equal(ChargeKind.Forged, charge.Kind));
    }

    [Fact]
    public void Three_invented_numbers_are_tried_and_no_more()
    {
        (_, CoreHand<ConfigurationReading> hand) = Begin();
        hand.Bring(0, "c/", CoreHand<ConfigurationReading>.Names(
            Enumerable.Range(1, 1000).Select(i => UnitObjects.Configuration(i)).Concat(["c/junk", "c/", "u/x", "c/0000000000000000", "c/7fffffffffffffff"])));
        Assert.Equal([1000, 999, 998], hand.Calls.OfType<GetCall>().Select(get => UnitObjects.Number(get.Name, "c/")));
    }

    [Fact]
    public void A_cloud_that_lists_and_does_not_give_has_not_answered_and_another_is_waited_for()
    {
        (ConfigurationRead core, CoreHand<ConfigurationReading> hand) = Begin();
        hand.Bring(0, "c/", CoreHand<ConfigurationReading>.Names(UnitObjects.Configuration(1)));
        hand.Bring(0, UnitObjects.Configuration(1), CoreHand<ConfigurationReading>.Down);
        Answer(hand, 1, _first);
        Answer(hand, 2);
        Assert.Null(core.Result);
        Answer(hand, 3, _first);
        Assert.Equal(_first.Digest, core.Result?.Newest?.Digest);
    }

    [Fact]
    public void When_too_few_answer_there_is_none_and_the_clouds_are_named()
    {
        (ConfigurationRead core, CoreHand<ConfigurationReading> hand) = Begin();
        Answer(hand, 0, _first);
        hand.Bring(1, "c/", CoreHand<ConfigurationReading>.Down);
        hand.Bring(2, "c/", CoreHand<ConfigurationReading>.Down);
        Assert.Null(core.Result);
        hand.Bring(3, "c/", CoreHand<ConfigurationReading>.Absent);
        Assert.Null(core.Result!.Newest);
        Assert.Equal("1: down; 2: down; 3: it is not there", core.Reports.Text(slot => $"{slot}"));
    }

    private static void Answer(CoreHand<ConfigurationReading> hand, int slot, params StoreConfiguration[] held)
    {
        hand.Bring(slot, "c/", CoreHand<ConfigurationReading>.Names(held.Select(one => UnitObjects.Configuration(one.Number))));
        foreach (StoreConfiguration one in held)
        {
            hand.Bring(slot, UnitObjects.Configuration(one.Number), CloudReply.Of(one.Bytes));
        }
    }

    private (ConfigurationRead Core, CoreHand<ConfigurationReading> Hand) Begin()
    {
        ConfigurationRead core = new(new Quorum(1), bytes => StoreConfiguration.TryRead(bytes, _keys.Owner));
        return (core, new CoreHand<ConfigurationReading>(core).Start());
    }

    private StoreConfiguration Make(long number, ContentDigest previous, long timeMs = 0, StoreKeys? keys = null) => new StoreConfiguration
    {
        Store = new StoreId(1),
        Number = number,
        Previous = previous,
        TimeMs = timeMs,
        Owner = (keys ?? _keys).Owner,
        Clouds = [.. "abcd".Select(c => new CloudPlace($"{c}", ""))],
    }.Sign((keys ?? _keys).Signing);
}
