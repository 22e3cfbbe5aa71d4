using System.Text;

namespace Culvert.Sealing.Tests;

public sealed class KeySharesTests
{
    public static TheoryData<string> Flawed => [.. Vectors.Names("key-share").Where(name => name != "whole")];

    [Fact]
    public void A_secret_is_split_into_the_texts_of_the_vector()
    {
        TextVector vector = new("key-share", "whole");
        using Secret owner = Secret.CopyOf(Vectors.Hex(vector["secret"]!));

        KeyShare[] shares = KeyShares.Split(owner, 3, 5, new FixedEntropy(Vectors.Hex(vector["random"]!)));

        Assert.Equal(vector.Texts.Select(Encoding.ASCII.GetString), shares.Select(share => Encoding.ASCII.GetString(share.Write().Bytes)));
    }

    [Fact]
    public void Any_three_of_five_or_more_give_the_secret_in_any_order()
    {
        TextVector vector = new("key-share", "whole");
        KeyShare[] shares = [.. vector.Texts.Select(text => KeyShare.Read(text).Value)];
        int tried = 0;

        for (int chosen = 0; chosen < 1 << shares.Length; chosen++)
        {
            KeyShare[] some = [.. shares.Where((_, i) => (chosen >> i & 1) == 1)];
            Outcome<Secret> forwards = KeyShares.Recover(some);
            Outcome<Secret> backwards = KeyShares.Recover([.. some.Reverse()]);

            Assert.Equal(some.Length >= 3, forwards.Succeeded);
            Assert.Equal(some.Length >= 3, backwards.Succeeded);
            if (forwards.Succeeded)
            {
                tried++;
                Assert.Equal(vector["secret"], Convert.ToHexStringLower(forwards.Value.Bytes));
                Assert.Equal(vector["secret"], Convert.ToHexStringLower(backwards.Value.Bytes));
            }
        }

        Assert.Equal(16, tried);
    }

    [Theory]
    [MemberData(nameof(Flawed))]
    public void Shares_with_a_flaw_are_refused_for_it(string name)
    {
        TextVector vector = new("key-share", name);
        Outcome<KeyShare>[] read = [.. vector.Texts.Select(text => KeyShare.Read(text))];

        vector.AssertExpected(
            read.Select(share => share.Failure).FirstOrDefault(failure => failure is not null)
            ?? KeyShares.Recover([.. read.Select(share => share.Value)]).Failure);
    }

    [Fact]
    public void A_share_with_one_bit_flipped_anywhere_is_refused()
    {
        byte[] text = new TextVector("key-share", "whole").Texts[0];
        for (int bit = 0; bit < text.Length * 8; bit++)
        {
            text[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(KeyShare.Read(text).Succeeded, $"bit {bit} was missed");
            text[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(KeyShare.Read(text).Succeeded);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(7, 12)]
    [InlineData(200, 255)]
    [InlineData(255, 255)]
    public void Every_threshold_and_count_goes_there_and_back(int threshold, int count)
    {
        SeededEntropy entropy = new(threshold * 1000 + count);
        using Secret owner = Secret.Random(entropy);

        KeyShare[] shares = KeyShares.Split(owner, threshold, count, entropy);
        using Secret recovered = KeyShares.Recover([.. shares.TakeLast(threshold)]).Value;

        Assert.Equal(count, shares.Length);
        Assert.Equal(owner.Bytes, recovered.Bytes);
    }

    [Fact]
    public void Fewer_shares_than_the_threshold_fit_every_secret_alike()
    {
        // One share of two: each value of its first byte comes from each secret byte with one coefficient, so it tells nothing.
        int[] seen = new int[256];
        for (int coefficient = 0; coefficient < 256; coefficient++)
        {
            byte[] random = new byte[sizeof(ulong) + Secret.KeyBytes];
            random[sizeof(ulong)] = (byte)coefficient;
            using Secret owner = Secret.CopyOf(new byte[Secret.KeyBytes]);
            seen[KeyShares.Split(owner, 2, 2, new FixedEntropy(random))[1].Value.Bytes[0]]++;
        }

        Assert.All(seen, count => Assert.Equal(1, count));
    }

    [Fact]
    public void With_a_threshold_of_one_every_share_is_the_key()
    {
        using Secret owner = Secret.Random(new SeededEntropy(9));

        Assert.All(KeyShares.Split(owner, 1, 4, new SeededEntropy(10)), share => Assert.Equal(owner.Bytes, share.Value.Bytes));
    }

    [Fact]
    public void Two_backups_of_one_key_do_not_fit_together()
    {
        SeededEntropy entropy = new(11);
        using Secret owner = Secret.Random(entropy);
        KeyShare[] first = KeyShares.Split(owner, 2, 3, entropy);
        KeyShare[] second = KeyShares.Split(owner, 2, 3, entropy);

        Failure? failure = KeyShares.Recover([first[0], second[1]]).Failure;

        Assert.Equal(FailureKind.Mismatch, failure?.Kind);
        Assert.Contains("different backups", failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 2)]
    [InlineData(2, 256)]
    public void A_threshold_or_count_that_cannot_be_throws(int threshold, int count)
    {
        using Secret owner = Secret.Random(new SeededEntropy(12));

        Assert.Throws<ArgumentOutOfRangeException>(() => KeyShares.Split(owner, threshold, count, new SeededEntropy(13)));
    }

    [Fact]
    public void No_shares_are_too_few() => Assert.Equal(FailureKind.Missing, KeyShares.Recover([]).Failure?.Kind);

    [Fact]
    public void The_field_multiplies_as_aes_does_and_every_element_but_zero_has_an_inverse()
    {
        // FIPS 197, section 4.2.
        Assert.Equal(0xc1, GaloisField.Multiply(0x57, 0x83));
        Assert.Equal(0xfe, GaloisField.Multiply(0x57, 0x13));
        Assert.All(Enumerable.Range(1, 255), a => Assert.Equal(1, GaloisField.Multiply((byte)a, GaloisField.Inverse((byte)a))));
        Assert.Equal(0, GaloisField.Inverse(0));
    }
}
