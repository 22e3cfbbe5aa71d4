using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class KeysTests : WorkFolder
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void A_new_key_is_a_file_that_only_its_owner_may_read_and_is_told_by_its_id()
    {
        ProgramResult made = Succeeds("keys", "new", "owner.key");
        ProgramResult shown = Succeeds("keys", "show", "owner.key");

        Assert.Matches("^key-id: [0-9a-f]{32}\n$", made.Out);
        Assert.Equal(made.Out + "passphrase: no\n", shown.Out);
        Assert.Contains("A lost key is lost data: culvert keys backup owner.key", made.Error, StringComparison.Ordinal);
        Assert.Equal(OwnersOnly, Mode("owner.key"));
        Assert.Equal(["owner.key"], Files());
    }

    [Fact]
    public void No_command_shows_the_secret()
    {
        Succeeds("keys", "new", "owner.key");
        string secret = Read("owner.key").Split('\n').Single(line => line.StartsWith("secret: ", StringComparison.Ordinal))[8..];
        ProgramResult[] results =
        [
            Succeeds("keys", "show", "owner.key"),
            Succeeds("keys", "backup", "owner.key", "--shares", "2", "--threshold", "2"),
            Succeeds("keys", "recover", "owner.key.share-1", "owner.key.share-2", "-o", "again.key"),
        ];

        Assert.Equal(64, secret.Length);
        Assert.All(results, result => Assert.DoesNotContain(secret, result.Out + result.Error, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_two_that_make_a_key_at_once_one_does_and_the_other_is_told_so()
    {
        for (int race = 0; race < 5; race++)
        {
            string name = $"{race}.key";
            System.Diagnostics.Process[] makers = [CulvertProgram.Start(Folder, "keys", "new", name), CulvertProgram.Start(Folder, "keys", "new", name)];
            ProgramResult[] results = [.. makers.Select(maker => CulvertProgram.Finish(maker))];
            Array.ForEach(makers, maker => maker.Dispose());

            ProgramResult made = Assert.Single(results, result => result.ExitCode == 0);
            Assert.Equal(made.Out + "passphrase: no\n", Succeeds("keys", "show", name).Out);
            ProgramResult refused = Assert.Single(results, result => result.ExitCode == 1);
            Assert.Contains("is there already", refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_is_never_overwritten()
    {
        Succeeds("keys", "new", "owner.key");
        Succeeds("keys", "backup", "owner.key", "--shares", "2", "--threshold", "2");
        File.CreateSymbolicLink(At("link.key"), "nowhere");
        string key = Read("owner.key");
        string share = Read("owner.key.share-2");
        File.Delete(At("owner.key.share-1"));

        string[] refusals =
        [
            Fails(1, "keys", "new", "owner.key"),
            Fails(1, "keys", "new", "link.key"),
            Fails(1, "keys", "recover", "owner.key.share-2", "-o", "owner.key"),
            Fails(1, "keys", "backup", "owner.key", "--shares", "2", "--threshold", "2"),
        ];

        Assert.All(refusals, error => Assert.Contains(" is there already, and is not overwritten", error, StringComparison.Ordinal));
        Assert.Equal((key, share), (Read("owner.key"), Read("owner.key.share-2")));
        Assert.Equal(["link.key", "owner.key", "owner.key.share-2"], Files());
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead, "0640")]
    [InlineData(UnixFileMode.OtherRead, "0604")]
    [InlineData(UnixFileMode.GroupWrite, "0620")]
    [InlineData(UnixFileMode.OtherRead | UnixFileMode.GroupRead, "0644")]
    public void A_file_that_others_may_read_or_write_is_refused_and_the_message_mends_it(UnixFileMode others, string octal)
    {
        Succeeds("keys", "new", "my owner.key");
        Succeeds("keys", "backup", "my owner.key", "--shares", "1", "--threshold", "1");
        File.SetUnixFileMode(At("my owner.key"), OwnersOnly | others);
        File.SetUnixFileMode(At("my owner.key.share-1"), OwnersOnly | others);

        Assert.Equal(
            $"culvert: my owner.key can be read or written by others than its owner (its mode is {octal}); mend it by: chmod 600 'my owner.key'\n",
            Fails(1, "keys", "show", "my owner.key"));
        Assert.Contains("chmod 600", Fails(1, "keys", "backup", "my owner.key", "--shares", "2", "--threshold", "2", "-o", "d"), StringComparison.Ordinal);
        Assert.Contains("chmod 600", Fails(1, "keys", "recover", "my owner.key.share-1", "-o", "x.key"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("d")));
        Assert.False(File.Exists(At("x.key")));
    }

    [Fact]
    public void A_key_comes_back_from_three_of_five_shares_byte_for_byte()
    {
        Succeeds("keys", "new", "owner.key");
        ProgramResult backup = Succeeds("keys", "backup", "owner.key", "--shares", "5", "--threshold", "3", "-o", "shares");
        ProgramResult share = Succeeds("keys", "show", "shares/owner.key.share-4");

        Succeeds("keys", "recover", "shares/owner.key.share-5", "shares/owner.key.share-1", "shares/owner.key.share-4", "-o", "again.key");

        Assert.Equal(Read("owner.key"), Read("again.key"));
        Assert.Equal(string.Concat(Enumerable.Range(1, 5).Select(n => $"shares/owner.key.share-{n}\n")), backup.Out);
        Assert.Contains("Any 3 of these 5 files give back the key", backup.Error, StringComparison.Ordinal);
        Assert.Contains("share: 4 of 5, of which 3 are needed\n", share.Out, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(1, 5), n => Assert.Equal(OwnersOnly, Mode($"shares/owner.key.share-{n}")));
        Assert.Equal(OwnersOnly | UnixFileMode.UserExecute, Mode("shares"));
    }

    [Fact]
    public void Shares_that_do_not_fit_are_refused_by_number_and_no_key_is_made()
    {
        Succeeds("keys", "new", "owner.key");
        Succeeds("keys", "backup", "owner.key", "--shares", "3", "--threshold", "2", "-o", "a");
        Succeeds("keys", "backup", "owner.key", "--shares", "3", "--threshold", "2", "-o", "b");
        string damaged = Read("a/owner.key.share-3").Replace("value: ", "value:  ", StringComparison.Ordinal);
        WritePrivate("damaged", damaged);

        Assert.Contains("2 of the 3 shares are needed, and only share 1 was given", Recovery("a/owner.key.share-1"), StringComparison.Ordinal);
        Assert.Contains("share 1 is given twice", Recovery("a/owner.key.share-1", "a/owner.key.share-1"), StringComparison.Ordinal);
        Assert.Contains("different backups", Recovery("a/owner.key.share-1", "b/owner.key.share-2"), StringComparison.Ordinal);
        Assert.Contains("damaged: line 7: value has 64 hexadecimal digits", Recovery("a/owner.key.share-1", "damaged"), StringComparison.Ordinal);
        Assert.Contains("owner.key: an owner key, and not a key share", Recovery("owner.key"), StringComparison.Ordinal);
        Assert.Contains("none: no such file", Recovery("none"), StringComparison.Ordinal);
        Assert.False(File.Exists(At("x.key")));

        string Recovery(params string[] shares) => Fails(1, ["keys", "recover", .. shares, "-o", "x.key"]);
    }

    [Fact]
    public void With_a_threshold_of_one_it_is_said_that_each_share_is_the_key()
    {
        Succeeds("keys", "new", "owner.key");

        ProgramResult backup = Succeeds("keys", "backup", "owner.key", "--shares", "2", "--threshold", "1");

        Assert.Contains("each of these files is the key", backup.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_with_a_passphrase_opens_by_it_and_by_no_other()
    {
        WritePrivate("right", "correct horse battery\n");
        WritePrivate("wrong", "correct horse\n");
        Succeeds("keys", "new", "owner.key", "--passphrase-file", "right");

        Assert.Contains("passphrase: yes\n", Succeeds("keys", "show", "owner.key").Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\nsecret: ", Read("owner.key"), StringComparison.Ordinal);
        Assert.Equal(
            "culvert: owner.key: the passphrase does not open this key: it is another one, or the file was altered\n",
            Backup(1, "--passphrase-file", "wrong"));
        Assert.Contains("standard input is no terminal to ask at; use --passphrase-file FILE", Backup(2), StringComparison.Ordinal);

        Succeeds("keys", "backup", "owner.key", "--shares", "2", "--threshold", "2", "--passphrase-file", "right");
        Succeeds("keys", "recover", "owner.key.share-1", "owner.key.share-2", "-o", "open.key");
        Succeeds("keys", "recover", "owner.key.share-1", "owner.key.share-2", "-o", "sealed.key", "--passphrase-file", "right");

        string[] shown = [.. new[] { "owner.key", "open.key", "sealed.key" }.Select(key => Succeeds("keys", "show", key).Out)];
        Assert.Single(shown.Select(text => text.Split('\n')[0]).Distinct());
        Assert.Equal(["passphrase: yes", "passphrase: no", "passphrase: yes"], shown.Select(text => text.Split('\n')[1]));

        string Backup(int code, params string[] more) => Fails(code, ["keys", "backup", "owner.key", "--shares", "2", "--threshold", "2", "-o", "d", .. more]);
    }

    [Theory]
    [InlineData("short", "a passphrase has at least 8 characters")]
    [InlineData("größe", "a passphrase has at least 8 characters")]
    [InlineData("", "the file is empty")]
    [InlineData("\n", "the line is empty")]
    [InlineData("one line\nand another\n", "more than one line")]
    public void A_passphrase_file_with_no_good_passphrase_makes_no_key(string content, string why)
    {
        WritePrivate("pass", content);

        Assert.Contains(why, Fails(1, "keys", "new", "owner.key", "--passphrase-file", "pass"), StringComparison.Ordinal);
        Assert.Equal(["pass"], Files());
    }

    [Fact]
    public void A_passphrase_file_that_others_may_read_is_refused()
    {
        Write("pass", "correct horse battery\n");
        File.SetUnixFileMode(At("pass"), OwnersOnly | UnixFileMode.OtherRead);

        Assert.Contains("chmod 600 pass", Fails(1, "keys", "new", "owner.key", "--passphrase-file", "pass"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_passphrase_on_the_command_line_is_refused_and_not_repeated()
    {
        foreach (string[] line in (string[][])[["--passphrase", "hunter2hunter2"], ["--passphrase=hunter2hunter2"]])
        {
            string error = Fails(2, ["keys", "new", "owner.key", .. line]);

            Assert.Contains("a passphrase is not given on the command line", error, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
        }

        Assert.Empty(Files());
    }

    [Theory]
    [InlineData("keys new owner.key --passphrase", "--passphrase: a passphrase is needed, and standard input is no terminal to ask at")]
    [InlineData("keys new owner.key other.key", "'other.key' is one argument too many")]
    [InlineData("keys new", "'FILE' missing")]
    [InlineData("keys nwe owner.key", "there is no command 'nwe'; did you mean 'new'?")]
    [InlineData("keys backup owner.key", "'--shares' is required")]
    [InlineData("keys backup owner.key --shares 5", "'--threshold' is required")]
    [InlineData("keys backup owner.key --shares 256 --threshold 2", "--shares is a number from 1 to 255, and not '256'")]
    [InlineData("keys backup owner.key --shares 2 --threshold 0", "--threshold is a number from 1 to 255, and not '0'")]
    [InlineData("keys backup owner.key --shares 2 --threshold 3", "--threshold is at most --shares: 3 shares are never there when 2 are made")]
    [InlineData("keys recover share-1", "'--output' is required")]
    public void Wrong_usage_is_explained(string line, string explanation) =>
        Assert.Contains(explanation, Fails(2, line.Split(' ')), StringComparison.Ordinal);

    [Theory]
    [InlineData("keys show none.key", "none.key: no such file")]
    [InlineData("keys show .", ".: a folder, and not a file")]
    [InlineData("keys new none/owner.key", "cannot write none/owner.key: there is no folder none")]
    [InlineData("keys show text", "text: not an owner key: it does not begin with 'culvert owner key'")]
    [InlineData("keys show long", "long: more than 1024 bytes")]
    public void What_is_no_key_is_said_to_be_none(string line, string explanation)
    {
        WritePrivate("text", "date,price\n");
        WritePrivate("long", new string('x', 2000));

        Assert.Contains(explanation, Fails(1, line.Split(' ')), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_was_mistyped_is_refused_with_its_name()
    {
        Succeeds("keys", "new", "owner.key");
        string text = Read("owner.key");
        int digit = text.IndexOf("secret: ", StringComparison.Ordinal) + 8;
        WritePrivate("owner.key", text[..digit] + (text[digit] == '0' ? '1' : '0') + text[(digit + 1)..]);

        Assert.Contains("owner.key: the check does not fit", Fails(1, "keys", "show", "owner.key"), StringComparison.Ordinal);
    }

    private ProgramResult Succeeds(params string[] arguments)
    {
        ProgramResult result = Culvert(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    private string Fails(int exitCode, params string[] arguments)
    {
        ProgramResult result = Culvert(arguments);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Out));
        return result.Error;
    }

    private void WritePrivate(string name, string text)
    {
        Write(name, text);
        File.SetUnixFileMode(At(name), OwnersOnly);
    }

    private UnixFileMode Mode(string name) => File.GetUnixFileMode(At(name));

    private string[] Files() => [.. Directory.GetFileSystemEntries(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
