using System.Numerics;

namespace Culvert.Sealing.Tests;

public sealed class HpkeTests : IDisposable
{
    private static readonly byte[] s_info = [.. "release of keys"u8];
    private static readonly byte[] s_aad = [.. "run 7"u8];
    private static readonly byte[] s_plaintext = [.. "three edge keys"u8];

    private readonly SeededEntropy _entropy = new(1);
    private readonly HpkePrivateKey _key;

    public HpkeTests() => _key = HpkePrivateKey.Generate(_entropy);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void What_was_sealed_to_a_key_opens_with_it()
    {
        byte[] message = Seal();
        using Secret opened = Hpke.Open(_key, s_info, s_aad, message).Value;

        Assert.Equal(s_plaintext, opened.Bytes);
        Assert.Equal(s_plaintext.Length + Hpke.OverheadBytes, message.Length);
    }

    [Fact]
    public void The_same_seed_seals_the_same_bytes_and_the_next_message_is_another() =>
        Assert.Equal(
            (true, false),
            (Seal(new SeededEntropy(2)).SequenceEqual(Seal(new SeededEntropy(2))), Seal().SequenceEqual(Seal())));

    [Fact]
    public void A_message_with_one_bit_flipped_anywhere_does_not_open()
    {
        byte[] message = Seal();

        for (int bit = 0; bit < message.Length * 8; bit++)
        {
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Failure? failure = Hpke.Open(_key, s_info, s_aad, message).Failure;

            // A flipped bit of the encapsulation leaves the curve, or comes to a point of which nobody knows the key.
            Assert.Equal(bit / 8 < HpkePublicKey.SizeBytes ? FailureKind.Malformed : FailureKind.Integrity, failure?.Kind);
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(Hpke.Open(_key, s_info, s_aad, message).Succeeded);
    }

    [Fact]
    public void A_message_cut_or_lengthened_anywhere_does_not_open()
    {
        byte[] message = Seal();

        Assert.All(Enumerable.Range(0, message.Length), length => Assert.False(Hpke.Open(_key, s_info, s_aad, message.AsSpan(0, length)).Succeeded));
        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, s_info, s_aad, [.. message, 0]).Failure?.Kind);
    }

    [Fact]
    public void Another_key_purpose_or_aad_does_not_open()
    {
        byte[] message = Seal();
        using HpkePrivateKey other = HpkePrivateKey.Generate(_entropy);

        Assert.Equal(FailureKind.Integrity, Hpke.Open(other, s_info, s_aad, message).Failure?.Kind);
        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, "release of state"u8, s_aad, message).Failure?.Kind);
        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, s_info, "run 8"u8, message).Failure?.Kind);
        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, [], [], message).Failure?.Kind);
    }

    [Fact]
    public void Another_encapsulation_that_is_a_point_does_not_open()
    {
        byte[] message = Seal();
        using HpkePrivateKey other = HpkePrivateKey.Generate(_entropy);
        other.PublicKey.Bytes.CopyTo(message);

        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, s_info, s_aad, message).Failure?.Kind);
    }

    [Fact]
    public void With_a_pre_shared_key_a_message_opens_only_by_who_has_it()
    {
        using Secret shared = Secret.Random(_entropy);
        using Secret another = Secret.Random(_entropy);
        HpkePsk psk = new(shared, "owner"u8);
        byte[] message = Hpke.Seal(_key.PublicKey, s_info, s_aad, s_plaintext, psk, _entropy);

        using Secret opened = Hpke.Open(_key, s_info, s_aad, message, psk).Value;

        Assert.Equal(s_plaintext, opened.Bytes);
        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, s_info, s_aad, message, new HpkePsk(another, "owner"u8)).Failure?.Kind);
        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, s_info, s_aad, message, new HpkePsk(shared, "owned"u8)).Failure?.Kind);
        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, s_info, s_aad, message).Failure?.Kind);
        Assert.Equal(FailureKind.Integrity, Hpke.Open(_key, s_info, s_aad, Seal(), psk).Failure?.Kind);
    }

    [Fact]
    public void A_pre_shared_key_is_long_enough_and_has_a_name()
    {
        using Secret tooShort = Secret.Random(_entropy, HpkePsk.KeyBytesMin - 1);
        using Secret enough = Secret.Random(_entropy, HpkePsk.KeyBytesMin);

        Assert.Throws<ArgumentOutOfRangeException>(() => new HpkePsk(tooShort, "owner"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HpkePsk(enough, []));
    }

    [Fact]
    public void Messages_open_in_their_order_only_and_a_refused_one_is_still_expected()
    {
        using HpkeSender sender = HpkeSender.Create(_key.PublicKey, s_info, _entropy);
        using HpkeReceiver receiver = HpkeReceiver.Create(_key, sender.Encapsulation.Bytes, s_info).Value;
        byte[] first = sender.Seal(s_aad, "first"u8);
        byte[] second = sender.Seal(s_aad, "second"u8);

        Assert.Equal(FailureKind.Integrity, receiver.Open(s_aad, second).Failure?.Kind);
        using (Secret opened = receiver.Open(s_aad, first).Value)
        {
            Assert.Equal("first"u8, opened.Bytes);
        }

        Assert.StartsWith("HPKE message 1 does not open", receiver.Open(s_aad, first).Failure?.Message, StringComparison.Ordinal);
        using Secret next = receiver.Open(s_aad, second).Value;
        Assert.Equal("second"u8, next.Bytes);
    }

    [Fact]
    public void A_context_refuses_what_is_beyond_its_last_message()
    {
        using HpkeSender sender = HpkeSender.Create(_key.PublicKey, s_info, _entropy);
        using HpkeReceiver receiver = HpkeReceiver.Create(_key, sender.Encapsulation.Bytes, s_info).Value;
        (sender.Context.Sequence, receiver.Context.Sequence) = (Hpke.MessagesMax - 1, Hpke.MessagesMax - 1);

        byte[] last = sender.Seal(s_aad, s_plaintext);
        using Secret opened = receiver.Open(s_aad, last).Value;

        Assert.Equal(s_plaintext, opened.Bytes);
        Assert.Throws<InvalidOperationException>(() => sender.Seal(s_aad, s_plaintext));
        Assert.Equal(FailureKind.TooLarge, receiver.Open(s_aad, last).Failure?.Kind);
    }

    [Fact]
    public void Too_long_messages_are_refused_before_they_are_opened()
    {
        byte[] longest = Hpke.Seal(_key.PublicKey, s_info, s_aad, new byte[Hpke.PlaintextBytesMax], _entropy);

        using Secret opened = Hpke.Open(_key, s_info, s_aad, longest).Value;

        Assert.Equal(Hpke.PlaintextBytesMax, opened.Length);
        Assert.Equal(FailureKind.TooLarge, Hpke.Open(_key, s_info, s_aad, [.. longest, 0]).Failure?.Kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => Hpke.Seal(_key.PublicKey, s_info, s_aad, new byte[Hpke.PlaintextBytesMax + 1], _entropy));
        Assert.Throws<ArgumentOutOfRangeException>(() => Hpke.Seal(_key.PublicKey, s_info, s_aad, [], _entropy));
        Assert.Throws<ArgumentOutOfRangeException>(() => Hpke.Seal(_key.PublicKey, new byte[Hpke.InfoBytesMax + 1], s_aad, s_plaintext, _entropy));
    }

    [Fact]
    public void Exports_differ_by_context_and_length()
    {
        using HpkeSender sender = HpkeSender.Create(_key.PublicKey, s_info, _entropy);
        using Secret a = sender.Export("a"u8, 32);
        using Secret b = sender.Export("b"u8, 32);
        using Secret longer = sender.Export("a"u8, 33);

        Assert.Equal(3, new[] { a, b, longer }.Select(secret => Convert.ToHexString(secret.Bytes[..32])).Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => sender.Export("a"u8, LabeledHkdf.OutputBytesMax + 1));
    }

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("00", "1 bytes")]
    [InlineData("compressed", "33 bytes")]
    [InlineData("hybrid", "04")]
    [InlineData("zero", "not on the curve")]
    [InlineData("x+p", "prime")]
    [InlineData("y-off-by-one", "not on the curve")]
    [InlineData("twice", "130 bytes")]
    public void What_is_no_point_is_no_public_key(string flaw, string why)
    {
        byte[] good = _key.PublicKey.Bytes.ToArray();
        byte[] bytes = flaw switch
        {
            "" => [],
            "00" => [0],
            "compressed" => [2, .. good.AsSpan(1, 32)],
            "hybrid" => [6, .. good.AsSpan(1)],
            "zero" => [4, .. new byte[64]],
            "x+p" => XPlusPrime(),
            "y-off-by-one" => [.. good.AsSpan(0, 64), (byte)(good[64] ^ 1)],
            _ => [.. good, .. good],
        };

        Failure? failure = HpkePublicKey.TryRead(bytes).Failure;

        Assert.Equal(FailureKind.Malformed, failure?.Kind);
        Assert.Contains(why, failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_key_is_read_back_as_it_was_written() =>
        Assert.Equal(_key.PublicKey, HpkePublicKey.TryRead(_key.PublicKey.Bytes).Value);

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", true)]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", true)]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", false)]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552", false)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false)]
    [InlineData("fffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffff", true)]
    public void A_scalar_is_above_zero_and_below_the_order(string scalar, bool isOne) =>
        Assert.Equal(isOne, HpkePrivateKey.IsScalar(Convert.FromHexString(scalar)));

    [Fact]
    public void A_private_key_shows_nothing_of_itself_and_is_gone_once_disposed()
    {
        HpkePrivateKey key = HpkePrivateKey.Generate(_entropy);
        byte[] message = Hpke.Seal(key.PublicKey, s_info, s_aad, s_plaintext, _entropy);
        key.Dispose();

        Assert.Equal("redacted", key.ToString());
        Assert.Throws<ObjectDisposedException>(() => Hpke.Open(key, s_info, s_aad, message));
        Assert.Throws<ArgumentOutOfRangeException>(() => HpkePrivateKey.Derive(new byte[HpkePrivateKey.InputBytesMin - 1]));
    }

    /// <summary>The point (0, sqrt b), written with x + p: the same point to who reduces, and another text.</summary>
    private static byte[] XPlusPrime()
    {
        BigInteger p = BigInteger.Parse("0ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", System.Globalization.NumberStyles.HexNumber);
        BigInteger b = BigInteger.Parse("05ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", System.Globalization.NumberStyles.HexNumber);
        byte[] y = BigInteger.ModPow(b, (p + 1) / 4, p).ToByteArray(isUnsigned: true, isBigEndian: true);
        byte[] zero = [4, .. new byte[32], .. new byte[32 - y.Length], .. y];
        Assert.True(HpkePublicKey.TryRead(zero).Succeeded);
        return [4, .. p.ToByteArray(isUnsigned: true, isBigEndian: true), .. new byte[32 - y.Length], .. y];
    }

    private byte[] Seal(IEntropy? entropy = null) => Hpke.Seal(_key.PublicKey, s_info, s_aad, s_plaintext, entropy ?? _entropy);
}
