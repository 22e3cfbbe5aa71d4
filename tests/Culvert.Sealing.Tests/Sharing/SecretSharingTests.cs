namespace Culvert.Sealing.Tests;

public sealed class SecretSharingTests
{
    public static TheoryData<string> Names => [.. Vectors.Names("secret-sharing")];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_secret_is_split_into_the_shares_of_the_vector(string name)
    {
        ILookup<string, string> vector = Vectors.Read("secret-sharing", name);
        using Secret secret = Secret.CopyOf(Vectors.Hex(vector["secret"].Single()));
        FixedEntropy entropy = new(Vectors.Hex(vector["random"].Single()));

        SecretShare[] shares = SecretSharing.Split(secret, Number(vector, "threshold"), Number(vector, "count"), entropy);

        Assert.Equal(vector["share"], shares.Select(Digits));
        Assert.Equal(Enumerable.Range(1, shares.Length), shares.Select(share => share.Number));
        Assert.Throws<ArgumentOutOfRangeException>(() => entropy.Fill(new byte[1]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_first_and_the_last_shares_of_a_vector_give_its_secret(string name)
    {
        ILookup<string, string> vector = Vectors.Read("secret-sharing", name);
        SecretShare[] shares = [.. vector["share"].Select((share, i) => new SecretShare(i + 1, Secret.CopyOf(Vectors.Hex(share))))];
        int threshold = Number(vector, "threshold");

        Assert.Equal(vector["secret"].Single(), Combined(shares[..threshold]));
        Assert.Equal(vector["secret"].Single(), Combined(shares[^threshold..]));
        Assert.Equal(vector["secret"].Single(), Combined(shares));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 4)]
    [InlineData(3, 7)]
    [InlineData(4, 10)]
    public void Any_choice_of_enough_shares_gives_the_secret_and_a_smaller_one_another(int threshold, int count)
    {
        SeededEntropy entropy = new(threshold);
        using Secret secret = Secret.Random(entropy);
        SecretShare[] shares = SecretSharing.Split(secret, threshold, count, entropy);
        string expected = Convert.ToHexStringLower(secret.Bytes);

        for (int chosen = 1; chosen < 1 << count; chosen++)
        {
            SecretShare[] some = [.. shares.Where((_, i) => (chosen >> i & 1) == 1).Reverse()];

            Assert.Equal(some.Length >= threshold, Combined(some) == expected);
        }
    }

    [Fact]
    public void A_lost_share_is_made_again_from_the_others()
    {
        SeededEntropy entropy = new(5);
        using Secret secret = Secret.Random(entropy);
        SecretShare[] shares = SecretSharing.Split(secret, 3, 7, entropy);

        Assert.All(shares, lost =>
        {
            using SecretShare rebuilt = SecretSharing.Rebuild(lost.Number, [.. shares.Where(share => share != lost).Take(3)]);
            Assert.Equal(lost.Number, rebuilt.Number);
            Assert.Equal(Digits(lost), Digits(rebuilt));
        });
    }

    [Fact]
    public void Of_one_share_of_two_every_value_comes_from_every_secret_once()
    {
        int[] seen = new int[256];
        for (int coefficient = 0; coefficient < 256; coefficient++)
        {
            using Secret secret = Secret.CopyOf([0x42]);
            seen[SecretSharing.Split(secret, 2, 2, new FixedEntropy((byte)coefficient))[1].Value.Bytes[0]]++;
        }

        Assert.All(seen, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Two_splits_of_one_secret_share_nothing()
    {
        SeededEntropy entropy = new(6);
        using Secret secret = Secret.Random(entropy);
        SecretShare[] first = SecretSharing.Split(secret, 2, 4, entropy);
        SecretShare[] second = SecretSharing.Split(secret, 2, 4, entropy);

        Assert.Empty(first.Select(Digits).Intersect(second.Select(Digits)));
        Assert.NotEqual(Convert.ToHexStringLower(secret.Bytes), Combined([first[0], second[1]]));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(5, 4)]
    [InlineData(2, 256)]
    public void A_threshold_or_count_that_cannot_be_throws(int threshold, int count)
    {
        using Secret secret = Secret.Random(new SeededEntropy(7));

        Assert.Throws<ArgumentOutOfRangeException>(() => SecretSharing.Split(secret, threshold, count, new SeededEntropy(8)));
    }

    [Fact]
    public void What_cannot_be_combined_throws()
    {
        SecretShare one = new(1, Secret.CopyOf([1, 2]));
        SecretShare again = new(1, Secret.CopyOf([3, 4]));
        SecretShare shorter = new(2, Secret.CopyOf([5]));

        Assert.Contains("no share", Assert.Throws<ArgumentException>(() => SecretSharing.Combine()).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => SecretSharing.Combine(one, again)).Message, StringComparison.Ordinal);
        Assert.Contains("length", Assert.Throws<ArgumentException>(() => SecretSharing.Combine(one, shorter)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public void A_number_that_no_share_has_throws(int number)
    {
        using SecretShare share = new(1, Secret.CopyOf([1]));

        Assert.Throws<ArgumentOutOfRangeException>(() => new SecretShare(number, share.Value));
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretSharing.Rebuild(number, share));
    }

    private static int Number(ILookup<string, string> vector, string name) =>
        int.Parse(vector[name].Single(), System.Globalization.CultureInfo.InvariantCulture);

    private static string Digits(SecretShare share) => Convert.ToHexStringLower(share.Value.Bytes);

    private static string Combined(SecretShare[] shares)
    {
        using Secret secret = SecretSharing.Combine(shares);
        return Convert.ToHexStringLower(secret.Bytes);
    }
}
