using Culvert.Sealing;

namespace Culvert.Storage.Tests;

public sealed class RecordReadTests : IDisposable
{
    private static readonly UnitName s_unit = UnitName.TryParse("u").Value;

    private readonly Secret _secret = Secret.CopyOf(new byte[32]);
    private readonly StoreKeys _keys;
    private readonly StoreConfiguration _configuration;

    public RecordReadTests()
    {
        _keys = StoreKeys.OfOwner(_secret);
        _configuration = new StoreConfiguration
        {
            Store = new StoreId(1),
            Number = 1,
            Previous = default,
            TimeMs = 0,
            Owner = _keys.Owner,
            Clouds = [.. "abcd".Select(c => new CloudPlace($"{c}", ""))],
        }.Sign(_keys.Signing);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _secret.Dispose();
    }

    [Fact]
    public void The_newest_of_three_of_four_answers_is_taken_and_the_fourth_is_not_waited_for()
    {
        UnitMetadata[] chain = Chain(3);
        (RecordRead core, CoreHand<RecordReading> hand) = Begin();
        Answer(hand, 0, chain[0], 1);
        Answer(hand, 1, chain[2], 3, 2, 1);
        Assert.Null(core.Result);
        Answer(hand, 2, chain[1], 2, 1);
        Assert.Equal(chain[2].Version, core.Result?.Newest?.Version);
        Assert.Empty(hand.Calls);
    }

    [Fact]
    public void A_list_that_names_a_newer_record_than_the_head_is_followed()
    {
        UnitMetadata[] chain = Chain(2);
        (RecordRead core, CoreHand<RecordReading> hand) = Begin();
        Answer(hand, 0, chain[0], 1);
        Answer(hand, 1, chain[0], 1);
        Answer(hand, 2, chain[0], 2, 1);
        Assert.Null(core.Result);
        hand.Bring(2, UnitObjects.Record(s_unit, 2), CloudReply.Of(chain[1].Bytes));
        Assert.Equal(2, core.Result?.Newest?.Counter);
    }

    [Fact]
    public void What_nobody_signed_is_charged_and_its_cloud_is_waited_past()
    {
        UnitMetadata record = Chain(1)[0];
        byte[] forged = record.Bytes.ToArray();
        forged[^1] ^= 1;
        (RecordRead core, CoreHand<RecordReading> hand) = Begin();
        hand.Bring(0, "h/", CloudReply.Of(forged));
        hand.Bring(0, "u/", CoreHand<RecordReading>.Names());
        Answer(hand, 1, record, 1);
        Answer(hand, 2, record, 1);
        Assert.Null(core.Result);
        Answer(hand, 3, record, 1);
        Assert.Equal(record.Version, core.Result?.Newest?.Version);
        CloudCharge charge = Assert.Single(core.Reports.Charges);
        Assert.Equal((0, ChargeKind.Forged, "h/u", true), (charge.Slot, charge.Kind, charge.ObjectName, charge.IsCertain));
        Assert.Equal(forged, charge.Held.ToArray());
    }

    [Fact]
    public void With_too_few_answers_there_is_no_result_but_a_failure_that_names_the_clouds()
    {
        (RecordRead core, CoreHand<RecordReading> hand) = Begin();
        UnitMetadata record = Chain(1)[0];
        Answer(hand, 0, record, 1);
        Answer(hand, 3, record, 1);
        hand.Bring(1, "u/", CoreHand<RecordReading>.Down);
        hand.Bring(2, "u/", CoreHand<RecordReading>.Down);
        Assert.False(core.Result?.Succeeded);
        Assert.Equal("1: down; 2: down", core.Reports.Text(slot => $"{slot}"));
    }

    [Fact]
    public void What_this_client_has_seen_counts_as_an_answer()
    {
        UnitMetadata[] chain = Chain(2);
        (RecordRead core, CoreHand<RecordReading> hand) = Begin(chain[1]);
        for (int slot = 0; slot < 3; slot++)
        {
            Answer(hand, slot, chain[0], 1);
        }

        Assert.Equal(2, core.Result?.Newest?.Counter);
    }

    [Fact]
    public void Of_two_records_of_one_counter_the_one_that_f_plus_one_clouds_gave_counts()
    {
        UnitMetadata one = Chain(1, writer: 1)[0];
        UnitMetadata other = Chain(1, writer: 2)[0];
        foreach ((UnitMetadata twice, UnitMetadata once) in new[] { (one, other), (other, one) })
        {
            (RecordRead core, CoreHand<RecordReading> hand) = Begin();
            Answer(hand, 0, once, 1);
            Answer(hand, 1, twice, 1);
            Answer(hand, 2, twice, 1);
            Assert.Equal(twice.Version, core.Result?.Newest?.Version);
        }
    }

    [Fact]
    public void A_cloud_makes_a_reader_try_no_more_than_three_of_the_records_that_it_invents()
    {
        (RecordRead core, CoreHand<RecordReading> hand) = Begin();
        hand.Bring(0, "h/", CoreHand<RecordReading>.Absent);
        hand.Bring(0, "u/", CoreHand<RecordReading>.Names(Enumerable.Range(1, 1000).Select(i => UnitObjects.Record(s_unit, i))));
        for (int tries = 0; tries < 3; tries++)
        {
            hand.Bring(0, "u/u/m/7", CoreHand<RecordReading>.Absent);
        }

        Assert.DoesNotContain(hand.Calls, call => call.Slot == 0);
        for (int slot = 1; slot < 4; slot++)
        {
            hand.Bring(slot, "h/", CoreHand<RecordReading>.Absent);
            hand.Bring(slot, "u/", CoreHand<RecordReading>.Names("u/u/m/junk", "u/u/m/", "x"));
        }

        Assert.True(core.Result?.Succeeded);
        Assert.Null(core.Result!.Newest);
    }

    private static void Answer(CoreHand<RecordReading> hand, int slot, UnitMetadata head, params long[] listed)
    {
        hand.Bring(slot, "h/", CloudReply.Of(head.Bytes));
        hand.Bring(slot, "u/", CoreHand<RecordReading>.Names(listed.Select(counter => UnitObjects.Record(s_unit, counter))));
    }

    private (RecordRead Core, CoreHand<RecordReading> Hand) Begin(UnitMetadata? seen = null)
    {
        RecordRead core = new(new Quorum(1), s_unit, seen, bytes => UnitMetadata.TryRead(bytes, _configuration.Store, _configuration.SignerOf));
        return (core, new CoreHand<RecordReading>(core).Start());
    }

    private UnitMetadata[] Chain(int length, ulong writer = 1)
    {
        List<UnitMetadata> chain = [];
        for (int i = 0; i < length; i++)
        {
            ValueDescriptor descriptor = new ValueDescriptor
            {
                Protocol = UnitProtocol.Replicated,
                KeyMode = UnitKeyMode.None,
                Clouds = 4,
                BlocksNeeded = 1,
                Value = new ValueId((UInt128)i),
                ValueBytes = 10,
                ChunkBytes = 64,
                Index = new BlockIndex(new byte[4 * 32], 4),
            }.Freeze();
            chain.Add(RecordChain.Put(new RecordMaker(_configuration, s_unit, new WriterId(writer), i, 0), chain.LastOrDefault(), descriptor, 10).Sign(_keys.Signing));
        }

        return [.. chain];
    }
}
