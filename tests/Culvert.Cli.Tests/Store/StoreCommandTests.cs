using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Stores;

public class StoreCommandTests : StoreFolder
{
    [Fact]
    public void A_file_of_several_chunks_comes_back_whole_by_version_and_in_parts()
    {
        byte[] first = Noise(9_000_000);
        File.WriteAllBytes(At("report.pdf"), first);
        ProgramResult made = Ended(0, "store", "init");
        Assert.Contains("4 clouds, of which 1 may lie", made.Out, StringComparison.Ordinal);
        Assert.Contains("clouds.key; a lost key is lost data", made.Error, StringComparison.Ordinal);

        Assert.Equal("reports/2026: version 1, 9000000 bytes\n", Done("store", "put", "reports/2026", "report.pdf"));
        Assert.Equal("reports/2026: version 2, 6 bytes\n", Put("reports/2026", "second"));

        Assert.Equal("second", Done("store", "get", "reports/2026", "-"));
        Done("store", "get", "reports/2026", "back.pdf", "--version", "1", "--quiet");
        Assert.Equal(first, File.ReadAllBytes(At("back.pdf")));
        foreach ((string range, Range part) in new (string, Range)[] { ("4194300-4194310", 4194300..4194311), ("8999990-", 8999990..), ("-3", ^3..), ("0-99999999", ..), ("9000000-", ^0..) })
        {
            Done("store", "get", "reports/2026", "part", "--version", "1", "--range", range, "--order", "cheapest");
            Assert.Equal(first[part], File.ReadAllBytes(At("part")));
        }

        Assert.Equal("reports/2026\n", Done("store", "ls"));
        Assert.Equal("", Done("store", "ls", "other"));
        string[] history = Done("store", "history", "reports/2026").TrimEnd().Split('\n');
        Assert.StartsWith("version 1 ", history[0], StringComparison.Ordinal);
        Assert.Contains(" 9000000 bytes ", history[0], StringComparison.Ordinal);
        Assert.StartsWith("version 2 ", history[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_and_histories_are_json_when_asked_for()
    {
        Done("store", "init");
        Put("größe/ü", "12");
        Put("größe/ü", "123");

        using JsonDocument list = JsonDocument.Parse(Done("store", "ls", "--json", "--long"));
        using JsonDocument history = JsonDocument.Parse(Done("store", "history", "größe/ü", "--json"));

        JsonElement unit = list.RootElement.EnumerateArray().Single();
        Assert.Equal(("größe/ü", 2, 3), (unit.GetProperty("name").GetString(), unit.GetProperty("version").GetInt32(), unit.GetProperty("bytes").GetInt32()));
        Assert.Equal([2, 3], history.RootElement.EnumerateArray().Select(version => version.GetProperty("bytes").GetInt32()));
    }

    [Fact]
    public void A_file_that_is_there_stays_when_not_all_of_the_unit_is_right()
    {
        Done("store", "init");
        Put("a", "what was put");
        Flip("cloud-a");
        Assert.Equal("what was put", Done("store", "get", "a", "-"));
        Flip("cloud-b");
        Flip("cloud-c");
        Write("file", "mine");

        ProgramResult refused = Ended(1, "store", "get", "a", "file");

        Assert.Contains("a: ", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", Read("file"));
        Assert.Empty(Directory.GetFiles(Folder, "*.partial"));
        Assert.Equal("", Ended(1, "store", "get", "a", "-").Out);
    }

    [Fact]
    public void A_cloud_that_flips_bits_is_named_with_the_time_and_mended()
    {
        Done("store", "init");
        Put("a", "what was put");
        Flip("cloud-b");

        ProgramResult found = Ended(1, "store", "verify");
        Assert.Contains("a: b: altered: u/a/b/", found.Out, StringComparison.Ordinal);
        JsonElement wrong = CloudOf(Status(), "b").GetProperty("misbehaviour").EnumerateArray().Single();
        Assert.Equal("altered", wrong.GetProperty("kind").GetString());
        Assert.Equal(DateTime.UtcNow, wrong.GetProperty("time").GetDateTime(), TimeSpan.FromHours(1));
        Assert.Empty(CloudOf(Status(), "a").GetProperty("misbehaviour").EnumerateArray());

        Assert.Contains("(mended)", Done("store", "verify", "--repair"), StringComparison.Ordinal);
        Assert.Contains(": 0 objects wrong or missing", Done("store", "verify", "a"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cloud_that_is_away_is_told_and_made_whole_again()
    {
        Done("store", "init");
        Directory.Move(At("cloud-c"), At("away"));

        using MemoryStream content = new("x"u8.ToArray());
        ProgramResult put = Ended(0, content, "store", "put", "a", "-");
        Assert.Contains("a is stored, but c could not take all of it", put.Error, StringComparison.Ordinal);
        JsonElement status = Status();
        Assert.False(CloudOf(status, "c").GetProperty("up").GetBoolean());
        Assert.True(CloudOf(status, "a").GetProperty("up").GetBoolean());
        Assert.Equal("a", status.GetProperty("underReplicated").EnumerateArray().Single().GetProperty("unit").GetString());
        Directory.Move(At("cloud-d"), At("away-too"));
        Assert.Contains("fewer than 3 of 4 clouds", Ended(1, "store", "get", "a", "-").Error, StringComparison.Ordinal);

        Directory.Move(At("away"), At("cloud-c"));
        Directory.Move(At("away-too"), At("cloud-d"));
        Done("store", "verify", "--repair");
        Assert.Empty(Status().GetProperty("underReplicated").EnumerateArray());
        Directory.Delete(At("cloud-a"), recursive: true);
        Assert.Equal("x", Done("store", "get", "a", "-"));
    }

    [Fact]
    public void A_cloud_is_replaced_and_readers_follow()
    {
        Done("store", "init");
        Put("a", "one");
        Put("a", "two");
        Put("b", "three", "--keys", "sealed");
        Put("c", "four", "--replicated");
        Copy("clouds.state", "other.state");
        Write("other.yaml", Clouds + "\nkeys: {owner: clouds.key}\n");

        Assert.Contains("d is replaced by e: 3 units", Done("store", "replace", "d", "e"), StringComparison.Ordinal);
        Directory.Delete(At("cloud-d"), recursive: true);
        Write("clouds.yaml", Clouds.Replace("name: d, folder: cloud-d", "name: e, folder: cloud-e", StringComparison.Ordinal).Split("spares")[0]);
        Directory.Delete(At("cloud-a"), recursive: true);

        Assert.Equal("two", Done("store", "get", "a", "-"));
        Assert.Equal("one", Done("store", "get", "a", "-", "--version", "1"));
        Assert.Equal("three", Done("store", "get", "b", "-", "--config", "other.yaml"));
        Assert.Equal("four", Done("store", "get", "c", "-", "-c", "other.yaml"));
        Assert.Equal(2, Status().GetProperty("configuration").GetInt32());
        Directory.Delete(At("clouds.state"), recursive: true);
        Assert.Equal("two", Done("store", "get", "a", "-"));
    }

    [Fact]
    public void Old_versions_are_collected_and_removed_units_are_gone()
    {
        Done("store", "init");
        Put("a", "1");
        Put("a", "2");
        Put("a", "3");
        Put("b", "1", "--keep", "2");

        Assert.Equal("2 units: 2 versions removed\n", Done("store", "gc", "--keep", "1"));
        Assert.Contains("version 1 is not kept", Ended(1, "store", "get", "a", "-", "--version", "1").Error, StringComparison.Ordinal);
        Assert.Equal("3", Done("store", "get", "a", "-"));

        Assert.Contains("the newest", Ended(1, new MemoryStream([1]), "store", "put", "a", "-", "--after", "2").Error, StringComparison.Ordinal);
        Done("store", "rm", "a");
        Assert.Contains("was removed", Ended(1, "store", "get", "a", "-").Error, StringComparison.Ordinal);
        Assert.Equal("culvert: there is no unit a\n", Ended(1, "store", "rm", "a").Error);
        Assert.Equal("b\n", Done("store", "ls"));
    }

    [Fact]
    public void A_folder_goes_in_and_comes_out()
    {
        Directory.CreateDirectory(At("in/deep"));
        Write("in/one", "1");
        Write("in/deep/two words", "2");
        Directory.CreateSymbolicLink(At("in/link"), At("in/deep"));
        Done("store", "init");

        Done("store", "import", "in", "--prefix", "p/");
        Assert.Equal("p/deep/two words\np/one\n", Done("store", "ls"));
        Put("p/../../escape", "no");
        ProgramResult exported = Ended(1, "store", "export", "out", "--prefix", "p/");

        Assert.Contains("p/../../escape: '../../escape' is no name of a file", exported.Error, StringComparison.Ordinal);
        Assert.Equal(["out/deep/two words", "out/one"], Directory.GetFiles(At("out"), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path)).Order());
        Assert.Equal(("1", "2"), (Read("out/one"), Read("out/deep/two words")));
    }

    [Fact]
    public void Costs_follow_from_the_prices_of_the_file()
    {
        Write("clouds.yaml", """
            clouds:
              - {name: a, folder: a, price: {put-per-1000: 0.01, get-per-1000: 0.001, stored-gb-month: 0.02, egress-gb: 0.1}}
              - {name: b, folder: b, price: {stored-gb-month: 0.01, egress-gb: 0.05}}
              - {name: c, folder: c, price: {stored-gb-month: 0.01, egress-gb: 0.2}}
              - {name: d, folder: d}
            """);

        using JsonDocument cost = JsonDocument.Parse(Done("store", "cost", "--put-gb", "10", "--get-gb", "100", "--json"));
        ProgramResult text = Ended(0, "store", "cost", "--put-gb", "10", "--get-gb", "100");

        // 10 GB are 2,385 chunks; each cloud keeps the half of them, and two are read from: a and b.
        Assert.Equal(0.02385m, cost.RootElement.GetProperty("put").GetDecimal());
        Assert.Equal(5 * (0.02m + 0.01m + 0.01m), cost.RootElement.GetProperty("storedMonth").GetDecimal());
        Assert.Equal((50 * (0.1m + 0.05m)) + 0.023842m, cost.RootElement.GetProperty("get").GetDecimal());
        Assert.Contains("b and a are cheapest", text.Out, StringComparison.Ordinal);
        Assert.Contains("clouds without a 'price' are not counted", text.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_interrupted_says_that_and_nothing_of_clouds()
    {
        Done("store", "init");
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        string url = $"webdav: {{url: 'http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/'}}";
        Write("clouds.yaml", Clouds.Replace("folder: cloud-a", url, StringComparison.Ordinal).Replace("folder: cloud-b", url, StringComparison.Ordinal));

        using Process list = CulvertProgram.Start(Folder, "store", "ls");
        using TcpClient asked = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        CulvertProgram.Signal(list, 2);
        ProgramResult result = CulvertProgram.Finish(list);

        Assert.Equal((130, "", "culvert: stopped\n"), (result.ExitCode, result.Out, result.Error));
    }

    [Theory]
    [InlineData("store", "'culvert store --help' shows what can be said")]
    [InlineData("store gte a b", "there is no command 'gte'; did you mean 'get'?")]
    [InlineData("store get a", "'FILE' missing")]
    [InlineData("store get a b --range 9-2", "--range is A-B, A- or -N, and not '9-2'")]
    [InlineData("store get a b --version 0", "--version is a number from 1, and not '0'")]
    [InlineData("store get a b --order dearest", "'dearest'")]
    [InlineData("store put a b --keep 0", "--keep is a number from 1 to 1024, and not '0'")]
    [InlineData("store put a b --replicated --keys sealed", "--replicated has no keys")]
    [InlineData("store gc", "'--keep' is required")]
    [InlineData("store lock a --lease 20s -- true", "--lease is a number and ms, s, m or h, from 21s to 24h")]
    [InlineData("store cost --put-gb -1", "--put-gb is an amount of 10^9 bytes")]
    [InlineData("store ls -c none.yaml", "there is no none.yaml: --config FILE names the file of clouds")]
    [InlineData("store replace a z", "has no cloud 'z': add it under 'spares'")]
    public void Wrong_usage_is_explained(string line, string explanation)
    {
        if (line.Contains("replace", StringComparison.Ordinal))
        {
            Done("store", "init");
        }

        Write("b", "");

        ProgramResult result = Culvert(line.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(explanation, result.Out + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_is_made_once_and_only_where_every_cloud_can_be_used()
    {
        Write("clouds.yaml", Clouds.Replace("folder: cloud-b", "webdav: {url: 'http://127.0.0.1:9/', user: u, password-env: NO_SUCH_VARIABLE}", StringComparison.Ordinal));
        Assert.Contains("the environment has no NO_SUCH_VARIABLE", Ended(1, "store", "init").Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("cloud-a")));

        Write("clouds.yaml", Clouds);
        Assert.Contains("no store of this owner", Ended(1, MadeKey("ls")).Error, StringComparison.Ordinal);
        Done("store", "init");
        Assert.Contains("a store is there already", Ended(1, "store", "init").Error, StringComparison.Ordinal);

        Done("keys", "new", "other.key");
        Write("other.yaml", Clouds + "\nkeys: {owner: other.key}\n");
        Assert.Contains("no store of this owner", Ended(1, "store", "ls", "-c", "other.yaml").Error, StringComparison.Ordinal);
    }

    private string[] MadeKey(string command)
    {
        Done("keys", "new", "clouds.key");
        return ["store", command];
    }
}
