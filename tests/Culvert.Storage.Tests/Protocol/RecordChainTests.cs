using Culvert.Sealing;

namespace Culvert.Storage.Tests;

public sealed class RecordChainTests : IDisposable
{
    private readonly Secret _secret = Secret.CopyOf(new byte[32]);
    private readonly StoreKeys _keys;
    private readonly RecordMaker _maker;

    public RecordChainTests()
    {
        _keys = StoreKeys.OfOwner(_secret);
        StoreConfiguration configuration = new StoreConfiguration
        {
            Store = new StoreId(1),
            Number = 1,
            Previous = default,
            TimeMs = 0,
            Owner = _keys.Owner,
            Clouds = [new CloudPlace("a", "")],
        }.Sign(_keys.Signing);
        _maker = new RecordMaker(configuration, UnitName.TryParse("u").Value, new WriterId(1), 5, 0);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _secret.Dispose();
    }

    [Fact]
    public void Each_record_holds_the_digest_of_the_one_before_and_numbers_go_on()
    {
        UnitMetadata first = Sign(RecordChain.Put(_maker, null, Value(1), 10));
        UnitMetadata second = Sign(RecordChain.Put(_maker, first, Value(2), 10));
        UnitMetadata removed = Sign(RecordChain.Remove(_maker, second));
        UnitMetadata again = Sign(RecordChain.Put(_maker, removed, Value(3), 10));
        Assert.Equal([default, first.Version.Digest, second.Version.Digest, removed.Version.Digest], new[] { first, second, removed, again }.Select(r => r.Previous));
        Assert.Equal([1, 2, 3, 4], new[] { first, second, removed, again }.Select(r => r.Counter));
        Assert.Equal([3], again.Versions.Select(version => version.Number));
        Assert.Equal(4, again.OldestCounter);
    }

    [Fact]
    public void A_put_that_goes_behind_its_own_record_is_one_version()
    {
        UnitMetadata first = Sign(RecordChain.Put(_maker, null, Value(1), 10));
        UnitMetadata collided = Sign(RecordChain.Put(_maker, first, Value(2), 10));
        UnitMetadata again = Sign(RecordChain.Put(_maker, collided, Value(2), 10));
        Assert.Equal([1, 3], again.Versions.Select(version => version.Number));
        Assert.Equal([1, 3], again.Versions.Select(version => version.Holder));
        Assert.Empty(RecordChain.Dropped(collided, again));
    }

    [Fact]
    public void Collecting_keeps_the_newest_and_says_which_records_are_needed()
    {
        UnitMetadata record = Sign(RecordChain.Put(_maker, null, Value(1), 10));
        for (int i = 2; i <= 5; i++)
        {
            record = Sign(RecordChain.Put(_maker, record, Value(i), 10));
        }

        Assert.Null(RecordChain.Collect(_maker, record, 5));
        UnitMetadata collected = Sign(RecordChain.Collect(_maker, record, 2)!);
        Assert.Equal([4, 5], collected.Versions.Select(version => version.Number));
        Assert.Equal([4, 6], collected.Versions.Select(version => version.Holder));
        Assert.Equal(4, collected.OldestCounter);
        Assert.Equal([1, 2, 3], RecordChain.Dropped(record, collected).Select(version => version.Number));
    }

    [Fact]
    public void A_counter_that_was_tried_is_not_tried_again()
    {
        UnitMetadata first = Sign(RecordChain.Put(_maker, null, Value(1), 10));
        Assert.Equal(8, RecordChain.Put(_maker with { AttemptedCounter = 7 }, first, Value(2), 10).Counter);
    }

    [Fact]
    public void Re_keying_replaces_every_value_and_no_number()
    {
        UnitMetadata record = Sign(RecordChain.Put(_maker, Sign(RecordChain.Put(_maker, null, Value(1), 10)), Value(2), 10));
        UnitMetadata rekeyed = Sign(RecordChain.Rekey(_maker, record, [Value(11), Value(12)]));
        Assert.Equal([1, 2], rekeyed.Versions.Select(version => version.Number));
        Assert.Equal([0, 3], rekeyed.Versions.Select(version => version.Holder));
        Assert.Equal(2, RecordChain.Dropped(record, rekeyed).Count);
    }

    [Fact]
    public void The_most_versions_that_a_unit_can_have_fit_a_record()
    {
        UnitMetadata record = Sign(RecordChain.Put(_maker, null, Value(1), int.MaxValue));
        for (int i = 0; i < UnitLimits.VersionsMax; i++)
        {
            record = Sign(RecordChain.Put(_maker, record, Value(i), int.MaxValue));
        }

        Assert.Equal(UnitLimits.VersionsMax, record.Versions.Count);
        Assert.InRange(record.Bytes.Length, UnitLimits.VersionsMax * 88, UnitLimits.MetadataBytesMax - UnitLimits.DescriptorBytesMax);
    }

    private UnitMetadata Sign(UnitMetadata record) => record.Sign(_keys.Signing);

    private static ValueDescriptor Value(int i) => new ValueDescriptor
    {
        Protocol = UnitProtocol.Replicated,
        KeyMode = UnitKeyMode.None,
        Clouds = 1,
        BlocksNeeded = 1,
        Value = new ValueId((UInt128)i),
        ValueBytes = 10,
        ChunkBytes = 64,
        Index = new BlockIndex(new byte[32], 1),
    }.Freeze();
}
