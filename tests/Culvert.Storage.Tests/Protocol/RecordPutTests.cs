using Culvert.Sealing;

namespace Culvert.Storage.Tests;

public sealed class RecordPutTests : IDisposable
{
    private readonly Secret _secret = Secret.CopyOf(new byte[32]);
    private readonly StoreKeys _keys;
    private readonly StoreConfiguration _configuration;
    private readonly UnitMetadata _record;

    public RecordPutTests()
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
        _record = Record(1).Sign(_keys.Signing);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _secret.Dispose();
    }

    [Fact]
    public void What_nobody_signed_is_charged_and_put_over()
    {
        foreach (CloudReply planted in new[]
        {
            CloudReply.Of("junk"u8.ToArray()),
            CloudReply.TooLong("it has a gigabyte", new byte[4]),
            CloudReply.Of(Record(1, unit: "v").Sign(_keys.Signing).Bytes),
        })
        {
            (RecordPut core, CoreHand<PutResult> hand) = Find(planted);
            PutCall over = Assert.Single(hand.Calls.OfType<PutCall>(), put => put.Slot == 0);
            Assert.Equal((PutCondition.Always, _record.Bytes), (over.Condition, over.Content));
            Assert.Equal((0, ChargeKind.Forged), Assert.Single(core.Reports.Charges.Select(charge => (charge.Slot, charge.Kind))));
            hand.Bring(over, CloudReply.Done);
            PutRest(hand, 1, 2);
            Assert.True(core.Result?.Succeeded);
        }
    }

    [Fact]
    public void Another_writers_record_is_a_collision_and_never_put_over()
    {
        UnitMetadata other = Record(2).Sign(_keys.Signing);
        (RecordPut core, CoreHand<PutResult> hand) = Find(CloudReply.Of(other.Bytes));
        Refused(core, hand, other.Bytes);
    }

    [Fact]
    public void A_record_of_a_newer_configuration_by_a_key_that_this_client_does_not_know_is_a_collision_and_charged_to_nobody()
    {
        UnitMetadata other = OfStranger();
        (RecordPut core, CoreHand<PutResult> hand) = Find(CloudReply.Of(other.Bytes), claims: _record.Configuration + 1);
        Refused(core, hand, other.Bytes);
    }

    [Fact]
    public void A_record_of_this_configuration_by_a_key_that_it_does_not_have_is_put_over_and_suspicious()
    {
        (RecordPut core, CoreHand<PutResult> hand) = Find(CloudReply.Of(OfStranger().Bytes), claims: _record.Configuration);
        Assert.Equal(PutCondition.Always, Assert.Single(hand.Calls.OfType<PutCall>(), put => put.Slot == 0).Condition);
        CloudCharge charge = Assert.Single(core.Reports.Charges);
        Assert.Equal((0, ChargeKind.UnknownSigner, false), (charge.Slot, charge.Kind, charge.IsCertain));
    }

    [Fact]
    public void The_same_record_is_no_collision_also_when_it_was_signed_another_time()
    {
        UnitMetadata again = Record(1).Sign(_keys.Signing);
        foreach (UnitMetadata there in new[] { _record, again })
        {
            (RecordPut core, CoreHand<PutResult> hand) = Find(CloudReply.Of(there.Bytes));
            PutRest(hand, 1, 2);
            Assert.True(core.Result?.Succeeded);
            Assert.Empty(core.Result!.Collisions);
        }
    }

    [Fact]
    public void What_is_there_and_cannot_be_read_is_left_and_its_cloud_has_failed()
    {
        foreach (CloudFailureKind kind in new[] { CloudFailureKind.Unavailable, CloudFailureKind.Malformed, CloudFailureKind.Absent })
        {
            (RecordPut core, CoreHand<PutResult> hand) = Find(CloudReply.Of(new CloudFailure(kind, "no")));
            Assert.DoesNotContain(hand.Calls.OfType<PutCall>(), put => put.Slot == 0);
            Assert.Empty(core.Reports.Charges);
            Assert.Equal("0: no", core.Reports.Text(slot => $"{slot}"));
        }
    }

    private UnitMetadata OfStranger()
    {
        using Secret secret = Secret.CopyOf([.. Enumerable.Repeat((byte)9, 32)]);
        using StoreKeys stranger = StoreKeys.OfOwner(secret);
        return Record(2).Sign(stranger.Signing);
    }

    /// <summary>Cloud 0 has a record of the counter already; what it gives.</summary>
    private (RecordPut Core, CoreHand<PutResult> Hand) Find(CloudReply there, long? claims = null)
    {
        RecordPut core = new(new Quorum(1), _record, isNew: false, bytes => UnitMetadata.TryRead(bytes, _configuration.Store, _configuration.SignerOf))
        {
            ClaimOf = _ => claims,
        };
        CoreHand<PutResult> hand = new CoreHand<PutResult>(core).Start();
        hand.Bring(0, "u/", CloudReply.Of(new CloudFailure(CloudFailureKind.Exists, "there is one")));
        hand.Bring(Assert.Single(hand.Calls.OfType<GetCall>()), there);
        return (core, hand);
    }

    private static void Refused(RecordPut core, CoreHand<PutResult> hand, ReadOnlyMemory<byte> there)
    {
        Assert.DoesNotContain(hand.Calls.OfType<PutCall>(), put => put.Slot == 0);
        Assert.Empty(core.Reports.Charges);
        hand.Bring(Assert.Single(hand.Calls.OfType<PutCall>(), put => put.Slot == 1), CoreHand<PutResult>.Down);
        Assert.False(core.Result?.Succeeded);
        Assert.Equal(there.ToArray(), Assert.Single(core.Result!.Collisions).ToArray());
    }

    private static void PutRest(CoreHand<PutResult> hand, params int[] slots)
    {
        foreach (int slot in slots)
        {
            hand.Bring(Assert.Single(hand.Calls.OfType<PutCall>(), put => put.Slot == slot && put.Name.StartsWith("u/", StringComparison.Ordinal)), CloudReply.Done);
        }
    }

    private UnitMetadata Record(ulong writer, string unit = "u")
    {
        ValueDescriptor descriptor = new ValueDescriptor
        {
            Protocol = UnitProtocol.Replicated,
            KeyMode = UnitKeyMode.None,
            Clouds = 4,
            BlocksNeeded = 1,
            Value = new ValueId(writer),
            ValueBytes = 10,
            ChunkBytes = 64,
            Index = new BlockIndex(new byte[4 * 32], 4),
        }.Freeze();
        return RecordChain.Put(new RecordMaker(_configuration, UnitName.TryParse(unit).Value, new WriterId(writer), 0, 0), null, descriptor, 10);
    }
}
