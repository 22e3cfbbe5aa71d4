using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Stores;

/// <summary>Ann has a key of her own, and the owner's card beside the file of clouds.</summary>
public class StoreMemberTests : StoreFolder
{
    [Fact]
    public void A_reader_reads_by_a_key_of_her_own_and_writes_nothing()
    {
        MakeStoreAndAnn();
        Put("a", "one", "--keys", "sealed");
        Put("a", "two", "--keys", "sealed");
        Assert.Contains("a: its key was not wrapped for this reader", AnnFails("get", "a", "-"), StringComparison.Ordinal);

        ProgramResult added = Ended(0, "store", "member", "add", "ann", "ann.card");
        Assert.EndsWith(": reads, by configuration 2\n", added.Out, StringComparison.Ordinal);
        Assert.Contains("1 units have new metadata", added.Error, StringComparison.Ordinal);
        Assert.Equal("two", Ann("get", "a", "-"));
        Assert.Contains("not wrapped for this reader", AnnFails("get", "a", "-", "--version", "1"), StringComparison.Ordinal);
        Put("a", "three", "--keys", "sealed");
        Assert.Equal("three", Ann("get", "a", "-"));

        Write("file", "mine");
        foreach (string[] writing in new string[][] { ["put", "a", "file"], ["put", "new", "file"], ["rm", "a"], ["gc", "--keep", "1"], ["lock", "a", "--", "true"] })
        {
            Assert.Contains("this key may not write: the store's configuration 2 does not name it among the writers", AnnFails(writing), StringComparison.Ordinal);
        }

        Assert.Equal("culvert: only the owner can change who reads and writes\n", AnnFails("member", "add", "bob", "ann.card"));
        Assert.Equal("culvert: only the owner can change who reads and writes\n", AnnFails("member", "rm", "ann"));
        Assert.Equal("three", Done("store", "get", "a", "-"));

        Done("store", "member", "add", "ann", "ann.card", "--rekey");
        Assert.Equal("one", Ann("get", "a", "-", "--version", "1"));
    }

    [Fact]
    public void A_writer_writes_until_she_is_taken_out_and_what_she_wrote_stays()
    {
        MakeStoreAndAnn();
        Done("store", "member", "add", "ann", "ann.card", "--writer");
        Write("file", "by ann");
        Assert.Equal("a: version 1, 6 bytes\n", Ann("put", "a", "file", "--keys", "sealed"));
        Assert.Equal("a: version 2, 6 bytes\n", Ann("lock", "a", "--", CulvertProgram.Path, "store", "put", "a", "file", "--keys", "sealed", "--key", "ann.key"));
        Assert.Equal("by ann", Done("store", "get", "a", "-"));
        Copy("clouds.ann.state", "before.state");

        ProgramResult removed = Ended(0, "store", "member", "rm", "ann");

        Assert.Equal("ann: reads and writes no more, by configuration 3; 1 units have new metadata\n", removed.Out);
        Assert.Contains("with --rekey it gets new ones", removed.Error, StringComparison.Ordinal);
        Assert.Contains("take ann's credentials away at the clouds too", removed.Error, StringComparison.Ordinal);
        Assert.Equal("by ann", Done("store", "get", "a", "-"));
        Assert.Equal("by ann", Done("store", "get", "a", "-", "--version", "1"));
        Assert.Contains("not wrapped for this reader", AnnFails("get", "a", "-"), StringComparison.Ordinal);
        Assert.Contains("the store's configuration 3 does not name it among the writers", AnnFails("put", "a", "file"), StringComparison.Ordinal);

        // A client of hers that remembers the time when she could, on clouds of which one goes back to it.
        Directory.Delete(At("clouds.ann.state"), recursive: true);
        Directory.Move(At("before.state"), At("clouds.ann.state"));
        string[] configurations = [.. Directory.GetFiles(At("cloud-b/c")).Order(StringComparer.Ordinal)];
        Assert.Equal(3, configurations.Length);
        File.Delete(configurations[0]);
        Assert.Contains("the store's configuration 3 does not name it", AnnFails("put", "a", "file"), StringComparison.Ordinal);
        Directory.Delete(At("clouds.ann.state"), recursive: true);
        Assert.Contains("the store's configuration 3 does not name it", AnnFails("put", "a", "file"), StringComparison.Ordinal);
        Done("store", "verify", "--repair");
        Assert.Contains(": 0 objects wrong or missing", Done("store", "verify"), StringComparison.Ordinal);
        Assert.All(Status().GetProperty("clouds").EnumerateArray(), cloud => Assert.DoesNotContain("forged", cloud.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Members_are_shown_by_name_to_the_owner_and_by_key_to_others()
    {
        MakeStoreAndAnn();
        Done("keys", "new", "bob.key");
        Done("keys", "public", "bob.key", "--store", "-o", "bob.card");
        Done("store", "member", "add", "ann", "ann.card");
        Done("store", "member", "add", "bob", "bob.card", "--writer");
        Assert.Equal([("(owner)", "owner"), ("ann", "reader"), ("bob", "writer")], Members(Done("store", "member", "ls", "--json")));
        Assert.Equal([("(owner)", "owner"), ("(this client)", "reader"), ("", "reader"), ("", "writer only")], Members(Ann("member", "ls", "--json")));
        Assert.Contains("bob", Done("store", "member", "ls"), StringComparison.Ordinal);
        Assert.EndsWith(": reads and writes, as before\n", Done("store", "member", "add", "bob", "bob.card", "--writer"), StringComparison.Ordinal);

        // Who only reads again, by the same command; and somebody of whom no note is left, by the card.
        ProgramResult reader = Ended(0, "store", "member", "add", "bob", "bob.card");
        Assert.Contains("what bob wrote stays, signed by the owner", reader.Error, StringComparison.Ordinal);
        Assert.Equal(("bob", "reader"), Members(Done("store", "member", "ls", "--json"))[^1]);
        File.Delete(At("clouds.state/members/bob"));
        Done("store", "member", "rm", "bob.card", "--rekey", "--quiet");
        Assert.Equal([("(owner)", "owner"), ("ann", "reader")], Members(Done("store", "member", "ls", "--json")));
    }

    [Fact]
    public void The_file_of_clouds_can_name_a_members_key()
    {
        MakeStoreAndAnn();
        Done("store", "member", "add", "ann", "ann.card");
        Put("a", "one", "--keys", "sealed");
        Write("ann.yaml", Clouds + "\nkeys: {owner: clouds.owner, member: ann.key}\nstate: ann\n");
        Assert.Equal("one", Done("store", "get", "a", "-", "-c", "ann.yaml"));
        Assert.True(File.Exists(At("ann/writer")));
        Assert.Contains("only its owner makes a store", Ended(2, "store", "init", "-c", "ann.yaml").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_cards_keys_and_names_are_refused_for_what_they_are()
    {
        MakeStoreAndAnn();
        Done("keys", "new", "old.key");
        Done("keys", "public", "old.key", "--store", "-o", "old.card");
        Done("store", "member", "add", "old", "old.card");
        File.Copy(At("ann.key"), At("shared.key"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(At("shared.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        Write("no-card.yaml", Clouds);
        Write("secret.yaml", Clouds + "\nkeys: {owner: clouds.key}\n");
        Write("card.yaml", Clouds + "\nkeys: {owner: clouds.owner}\n");
        Write("other-owner.yaml", Clouds + "\nkeys: {owner: old.card}\nstate: other\n");

        (string Line, int Code, string Explanation)[] cases =
        [
            ("member add ann none.card", 2, "none.card: there is no such file"),
            ("member add ann ann.key", 2, "ann.key is a secret key, which nobody else may have; its card is wanted here"),
            ("member add ann clouds.yaml", 2, "clouds.yaml: no store card: it does not begin with 'culvert store card'"),
            ("member add me clouds.owner", 2, "this is the card of the store's owner, who reads and writes as it is"),
            ("member add .. ann.card", 2, "'..' is no name of a member: 1 to 64 letters, digits and . _ - @, with no point first"),
            ("member add old ann.card", 2, "old has another card, "),
            ("member add other old.card", 2, "the one with this card is called old here"),
            ("member rm ann", 2, "the store has no member 'ann': culvert store member ls shows them"),
            ("member rm ann.card", 2, "the store has no member 'ann.card'"),
            ("member", 2, "'culvert store member --help' shows what can be said"),
            ("ls --key clouds.key", 2, "is the owner's own key, and no reader's or writer's: the owner goes without --key"),
            ("ls --key clouds.owner", 2, "clouds.owner is a store card, which holds no secret; the key that it was made of is wanted here"),
            ("ls --key none.key", 1, "none.key: no such file"),
            ("ls --key shared.key", 1, "shared.key can be read or written by others than its owner (its mode is 0644); mend it by: chmod 600"),
            ("ls --key ann.key -c no-card.yaml", 2, "no-card.owner, the card by which you know the store's owner"),
            ("ls --key ann.key -c secret.yaml", 2, "clouds.key is a secret key, which nobody else may have"),
            ("ls -c card.yaml", 2, "clouds.owner is the owner's card: --key FILE, or 'member' under 'keys' in the file of clouds, names your own key"),
            ("ls --key ann.key -c other-owner.yaml", 1, "no store of this owner is on these clouds"),
        ];
        foreach ((string line, int code, string explanation) in cases)
        {
            ProgramResult result = Ended(code, ["store", .. line.Split(' ')]);
            Assert.Contains(explanation, result.Out + result.Error, StringComparison.Ordinal);
        }

        Assert.Equal([("(owner)", "owner"), ("old", "reader")], Members(Done("store", "member", "ls", "--json")));
    }

    private void MakeStoreAndAnn()
    {
        Done("store", "init");
        Done("keys", "new", "ann.key");
        Assert.Contains("card-id: ", Ended(0, "keys", "public", "ann.key", "--store", "-o", "ann.card").Error, StringComparison.Ordinal);
        Done("keys", "public", "clouds.key", "--store", "-o", "clouds.owner");
    }

    private string Ann(params string[] arguments) => Done(AsAnn(arguments));

    private string AnnFails(params string[] arguments) => Ended(1, AsAnn(arguments)).Error;

    /// <summary>What follows a command of its own stays behind.</summary>
    private static string[] AsAnn(string[] arguments)
    {
        int end = Array.IndexOf(arguments, "--") is var at && at >= 0 ? at : arguments.Length;
        return ["store", .. arguments[..end], "--key", "ann.key", .. arguments[end..]];
    }

    private static (string, string)[] Members(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("members").EnumerateArray().Select(member => (member.GetProperty("name").GetString()!, member.GetProperty("may").GetString()!))];
    }
}
