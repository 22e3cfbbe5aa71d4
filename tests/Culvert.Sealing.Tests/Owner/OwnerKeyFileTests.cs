using System.Text;

namespace Culvert.Sealing.Tests;

public sealed class OwnerKeyFileTests
{
    public static TheoryData<string> Whole => [.. Vectors.Names("owner-key").Where(IsWhole)];

    public static TheoryData<string> Flawed => [.. Vectors.Names("owner-key").Where(name => !IsWhole(name))];

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_whole_file_gives_its_secret_and_is_written_again_as_it_was(string name)
    {
        TextVector vector = new("owner-key", name);
        byte[] text = Assert.Single(vector.Texts);
        using Secret? passphrase = Passphrase(vector);

        using OwnerKeyFile file = OwnerKeyFile.Read(text).Value;
        using Secret owner = file.Open(passphrase).Value;
        using Secret written = passphrase is null
            ? OwnerKeyFile.Write(owner)
            : OwnerKeyFile.Write(owner, passphrase, new FixedEntropy(Vectors.Hex(vector["salt"]!)));

        Assert.Equal(vector["secret"], Convert.ToHexStringLower(owner.Bytes));
        Assert.Equal(KeySchedule.KeyId(owner), file.KeyId);
        Assert.Equal(passphrase is not null, file.HasPassphrase);
        Assert.Equal(Encoding.ASCII.GetString(text), Encoding.ASCII.GetString(written.Bytes));
    }

    [Theory]
    [MemberData(nameof(Flawed))]
    public void A_file_with_one_flaw_is_refused_for_it(string name)
    {
        TextVector vector = new("owner-key", name);
        using Secret? passphrase = Passphrase(vector);

        Outcome<OwnerKeyFile> read = OwnerKeyFile.Read(Assert.Single(vector.Texts));

        vector.AssertExpected(read.Succeeded ? read.Value.Open(passphrase).Failure : read.Failure);
    }

    [Fact]
    public void A_file_with_one_bit_flipped_anywhere_is_refused()
    {
        byte[] text = new TextVector("owner-key", "whole-open").Texts[0];
        for (int bit = 0; bit < text.Length * 8; bit++)
        {
            text[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(OwnerKeyFile.Read(text).Succeeded, $"bit {bit} was missed");
            text[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(OwnerKeyFile.Read(text).Succeeded);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] text = new TextVector("owner-key", "whole-passphrase").Texts[0];

        Assert.All(Enumerable.Range(0, text.Length), length => Assert.False(OwnerKeyFile.Read(text.AsSpan(0, length)).Succeeded));
    }

    [Fact]
    public void Two_files_of_one_secret_and_passphrase_share_no_salt()
    {
        SeededEntropy entropy = new(3);
        using Secret owner = Secret.Random(entropy);
        using Secret passphrase = Secret.CopyOf("eight at least"u8);
        using Secret first = OwnerKeyFile.Write(owner, passphrase, entropy);
        using Secret second = OwnerKeyFile.Write(owner, passphrase, entropy);

        Assert.NotEqual(Encoding.ASCII.GetString(first.Bytes), Encoding.ASCII.GetString(second.Bytes));
    }

    [Fact]
    public void A_passphrase_file_does_not_hold_the_secret_in_the_open()
    {
        SeededEntropy entropy = new(4);
        using Secret owner = Secret.Random(entropy);
        using Secret passphrase = Secret.CopyOf("eight at least"u8);
        using Secret text = OwnerKeyFile.Write(owner, passphrase, entropy);

        Assert.DoesNotContain(Convert.ToHexStringLower(owner.Bytes), Encoding.ASCII.GetString(text.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_writer_must_not_write_throws()
    {
        using Secret owner = Secret.Random(new SeededEntropy(5));
        using Secret tooShort = Secret.CopyOf(owner.Bytes[1..]);
        using Secret tooLong = Secret.CopyOf(new byte[OwnerKeyFile.PassphraseBytesMax + 1]);

        Assert.Throws<ArgumentOutOfRangeException>(() => OwnerKeyFile.Write(tooShort));
        Assert.Throws<ArgumentOutOfRangeException>(() => OwnerKeyFile.Write(owner, tooLong, new SeededEntropy(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => OwnerKeyFile.Write(owner, owner, new SeededEntropy(1), OwnerKeyFile.IterationsMin - 1));
    }

    private static Secret? Passphrase(TextVector vector) =>
        vector["passphrase"] is { } passphrase ? Secret.CopyOf(Encoding.UTF8.GetBytes(passphrase)) : null;

    private static bool IsWhole(string name) => name.StartsWith("whole", StringComparison.Ordinal);
}
