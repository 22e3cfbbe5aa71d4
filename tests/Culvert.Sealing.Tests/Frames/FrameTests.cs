namespace Culvert.Sealing.Tests;

public sealed class FrameTests : IDisposable
{
    private readonly EdgeKeys _keys = FrameVectors.Keys();
    private readonly FrameOpener _opener;

    public FrameTests() => _opener = new FrameOpener(FrameVectors.Run, FrameVectors.Plan, _keys);

    public void Dispose()
    {
        _opener.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void A_flipped_bit_at_every_position_is_refused_and_gives_nothing_away()
    {
        byte[] frame = Seal(FrameVectors.Place, 1);
        Assert.True(Open(frame).Succeeded);
        for (int bit = 0; bit < frame.Length * 8; bit++)
        {
            byte[] flipped = [.. frame];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Outcome<OpenedFrame> opened = _opener.OpenInPlace(flipped);
            Assert.True(opened.Failure?.Kind == FailureKind.Integrity, $"bit {bit}");
            Assert.DoesNotContain(Convert.ToHexString(FrameVectors.Payload), Convert.ToHexString(flipped), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_frame_cut_at_every_length_is_refused()
    {
        byte[] frame = Seal(FrameVectors.Place, 1);
        for (int length = 0; length < frame.Length; length++)
        {
            Assert.Equal(FailureKind.Integrity, Open(frame[..length]).Failure?.Kind);
        }

        Assert.Equal(FailureKind.Integrity, Open([.. frame, 0]).Failure?.Kind);
    }

    [Fact]
    public void Two_instances_seal_the_same_frame_differently_and_both_are_opened()
    {
        byte[] one = Seal(FrameVectors.Place, 1);
        byte[] other = Seal(FrameVectors.Place, 2);
        int differing = one.Zip(other).Skip(FrameFormat.HeaderBytes).Count(pair => pair.First != pair.Second);
        Assert.InRange(differing, 35, 49); // of 49 bytes, all but those that are equal by chance
        Assert.True(_opener.OpenInPlace(one).Succeeded);
        Assert.True(_opener.OpenInPlace(other).Succeeded);
        Assert.Equal(one[FrameFormat.HeaderBytes..^FrameFormat.TagBytes], other[FrameFormat.HeaderBytes..^FrameFormat.TagBytes]);
    }

    [Fact]
    public void More_instances_than_are_remembered_are_all_opened_again_and_again()
    {
        byte[][] frames = [.. Enumerable.Range(1, 3 * FrameOpener.InstancesMax).Select(salt => Seal(FrameVectors.Place, salt))];
        foreach (byte[] frame in frames.Concat(frames.Reverse()))
        {
            Assert.True(Open(frame).Succeeded);
        }
    }

    [Fact]
    public void Salts_that_nobody_sealed_with_push_nothing_out()
    {
        byte[] frame = Seal(FrameVectors.Place, 1);
        Assert.True(Open(frame).Succeeded);
        for (int i = 0; i < 1000; i++)
        {
            byte[] forged = [.. frame];
            forged[72] = (byte)i;
            forged[73] = (byte)((i >> 8) + 1);
            Assert.Contains("was altered", Open(forged).Failure?.Message, StringComparison.Ordinal);
        }

        Assert.True(Open(frame).Succeeded);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(70_001)]
    [InlineData(4 << 20)]
    public void A_payload_of_any_length_comes_back(int length)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        using FrameSealer sealer = Sealer(1);
        byte[] frame = new byte[FrameFormat.FrameBytes(length, isSealed: true)];
        Assert.Equal(frame.Length, sealer.Seal(FrameVectors.Place, 0, 7, payload, frame));
        Assert.Equal(7, _opener.OpenInPlace(frame).Value.RecordCount);
        Assert.True(payload.AsSpan().SequenceEqual(frame.AsSpan(FrameFormat.PayloadOffset, length)));
    }

    [Fact]
    public void An_instance_fills_no_place_twice()
    {
        using FrameSealer sealer = Sealer(1);
        Seal(sealer, FrameVectors.Place);
        Assert.Throws<InvariantViolationException>(() => Seal(sealer, FrameVectors.Place));
        Assert.Throws<InvariantViolationException>(() => Seal(sealer, FrameVectors.Place with { Sequence = new SequenceNumber(8) }));
        Seal(sealer, FrameVectors.Place with { To = new PartitionId(6) });
        Seal(sealer, FrameVectors.Place with { Sequence = new SequenceNumber(10) });
    }

    [Fact]
    public void Epochs_change_at_ends_of_rounds_and_an_old_round_keeps_its_own()
    {
        using FrameSealer sealer = Sealer(1);
        byte[] before = Seal(sealer, FrameVectors.Place with { Round = new Round(4) });
        byte[] after = Seal(sealer, FrameVectors.Place with { Round = new Round(5), Sequence = new SequenceNumber(10) });
        Assert.Equal(new KeyEpoch(0), Open(before).Value.Header.Epoch);
        Assert.Equal(new KeyEpoch(1), Open(after).Value.Header.Epoch);
        Assert.Throws<InvariantViolationException>(() => Seal(sealer, FrameVectors.Place with { Round = new Round(4), Sequence = new SequenceNumber(11) }));

        // A replay of the old round by a new instance is sealed with the old round's key.
        Assert.Equal(new KeyEpoch(0), Open(Seal(FrameVectors.Place with { Round = new Round(4) }, 2)).Value.Header.Epoch);
        _keys.Retire(new Round(5));
        Assert.Contains("there is no key for its edge and round", Open(before).Failure?.Message, StringComparison.Ordinal);
        Assert.True(Open(after).Succeeded);
    }

    [Fact]
    public void Keys_that_do_not_follow_are_refused()
    {
        using Secret key = Secret.CopyOf(new byte[32]);
        Assert.Throws<ArgumentException>(() => _keys.Add(new EdgeId(3), new KeyEpoch(1), new Round(9), key));
        Assert.Throws<ArgumentException>(() => _keys.Add(new EdgeId(3), new KeyEpoch(2), new Round(5), key));
    }

    [Fact]
    public void A_round_without_a_key_cannot_be_sealed()
    {
        using FrameSealer sealer = Sealer(1);
        Assert.Throws<InvariantViolationException>(() => Seal(sealer, FrameVectors.Place with { Edge = new EdgeId(4) }));
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing_per_frame()
    {
        using FrameSealer sealer = Sealer(1);
        byte[] frame = new byte[FrameFormat.FrameBytes(1000, isSealed: true)];
        Both(0); // the first frame of an instance derives its key
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i <= 2_000; i++)
        {
            Both(i);
        }

        // What the runtime allocates once, as it compiles better code, is less than a byte or two a frame.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000);

        void Both(int sequence)
        {
            sealer.SealInPlace(FrameVectors.Place with { Sequence = new SequenceNumber(sequence) }, 0, 3, frame);
            if (!_opener.OpenInPlace(frame).Succeeded)
            {
                Assert.Fail("not opened");
            }
        }
    }

    private static FrameSealer Sealer(EdgeKeys keys, int salt) =>
        new(FrameVectors.Run, FrameVectors.Plan, keys, FrameVectors.From, new InstanceSalt((UInt128)salt));

    private static byte[] Seal(FrameSealer sealer, FramePlace place)
    {
        byte[] frame = new byte[FrameFormat.FrameBytes(FrameVectors.Payload.Length, isSealed: true)];
        sealer.Seal(place, 0, 3, FrameVectors.Payload, frame);
        return frame;
    }

    private FrameSealer Sealer(int salt) => Sealer(_keys, salt);

    private byte[] Seal(FramePlace place, int salt)
    {
        using FrameSealer sealer = Sealer(salt);
        return Seal(sealer, place);
    }

    private Outcome<OpenedFrame> Open(byte[] frame) => _opener.OpenInPlace([.. frame]);
}
