using Culvert.Attestation;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Broker;

public sealed class BrokerCommandTests : WorkFolder
{
    [Fact]
    public async Task A_broker_releases_keys_takes_new_versions_and_ends_by_Ctrl_C()
    {
        using BrokerOwner owner = Owner();
        Manifest first = owner.First(activationsMax: 1);
        ManifestFile.Write(At("manifest.json"), owner.Signed(first));
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);
        Assert.Equal("released", await broker.AskAsync(owner, 1));
        Assert.Equal("activations", await broker.AskAsync(owner, 1));

        Manifest second = owner.After(first);
        ManifestFile.WriteNext(At("manifest.json"), owner.Signed(first), owner.Signed(second));
        Assert.Contains("version 2", await broker.SaidAsync("is current"), StringComparison.Ordinal);
        Assert.Equal("released", await broker.AskAsync(owner, 1));

        Write("manifest.json", "{}");
        Assert.Contains("manifest.format", await broker.SaidAsync("REFUSED"), StringComparison.Ordinal);
        Assert.Equal("activations", await broker.AskAsync(owner, 1));

        Manifest third = owner.After(second) with { Revoked = new ManifestRevocations { Job = true } };
        ManifestFile.WriteNext(At("manifest.json"), owner.Signed(second), owner.Signed(third));
        await broker.SaidAsync("is current");
        Assert.Equal("job.revoked", await broker.AskAsync(owner, 0));

        Assert.Equal(0, await broker.EndAsync());
        Assert.Equal(5, File.ReadAllLines(At("records.jsonl")).Length);
    }

    [Fact]
    public async Task Killed_at_any_moment_it_never_releases_more_than_the_manifest_allows()
    {
        const int Allowed = 30;
        using BrokerOwner owner = Owner();
        ManifestFile.Write(At("manifest.json"), owner.Signed(owner.First(Allowed)));
        Random random = new(20260104);
        (int released, int lost, bool isSpent) = (0, 0, false);
        for (int life = 0; !isSpent; life++)
        {
            using RunningBroker broker = await RunningBroker.StartAsync(Folder);
            int killAfter = life < 3 ? random.Next(2, 9) : int.MaxValue;
            Task? kill = null;
            int answered = 0;
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
            {
                while (!isSpent)
                {
                    try
                    {
                        string said = await broker.AskAsync(owner, 1);
                        Assert.Contains(said, new[] { "released", "activations" });
                        isSpent |= said == "activations";
                        Interlocked.Add(ref released, said == "released" ? 1 : 0);
                    }
                    catch (HttpRequestException)
                    {
                        Interlocked.Increment(ref lost);
                        break;
                    }

                    if (Interlocked.Increment(ref answered) == killAfter)
                    {
                        kill = broker.KillAsync();
                    }
                }
            })));
            await (kill ?? Task.CompletedTask);
        }

        // What a killed broker had counted, and told nobody, is spent; nothing that was told is counted twice or forgotten.
        Assert.InRange(released, Allowed - lost, Allowed);
    }

    [Fact]
    public async Task A_dry_run_releases_nothing_and_keeps_nothing()
    {
        using BrokerOwner owner = Owner();
        ManifestFile.Write(At("manifest.json"), owner.Signed(owner.First(1)));
        using RunningBroker broker = await RunningBroker.StartAsync(Folder, "--dry-run");

        Assert.Equal("dry-run", await broker.AskAsync(owner, 1));
        Assert.Equal("dry-run", await broker.AskAsync(owner, 1));
        Assert.Equal(0, await broker.EndAsync());

        Assert.All(File.ReadAllLines(At("records.jsonl")), line => Assert.Contains("\"wouldRelease\"", line, StringComparison.Ordinal));
        Assert.False(Directory.Exists(At("broker-store")));
    }

    [Fact]
    public void What_a_broker_cannot_begin_with_is_said()
    {
        using BrokerOwner owner = Owner();
        Assert.Equal(0, Culvert("keys", "new", "other.key").ExitCode);
        ManifestFile.Write(At("manifest.json"), ManifestDocument.Of(owner.First(1)).Value);
        ProgramResult Broker(string key, string listen, params string[] more) => Culvert(["broker", "--manifest", "manifest.json", "--key", key, "--listen", listen, .. more]);

        ProgramResult unsigned = Broker("owner.key", "https://127.0.0.1:0");
        ProgramResult other = Broker("other.key", "https://127.0.0.1:0");
        ProgramResult clear = Broker("owner.key", "http://127.0.0.1:0");
        ProgramResult half = Broker("owner.key", "https://127.0.0.1:0", "--certificate", "c.pem");

        Assert.Equal((1, true), (unsigned.ExitCode, unsigned.Error.Contains("manifest.unsigned", StringComparison.Ordinal)));
        Assert.Equal((2, true), (other.ExitCode, other.Error.Contains("no --manifest is of this owner", StringComparison.Ordinal)));
        Assert.Equal((2, true), (clear.ExitCode, clear.Error.Contains("nothing but HTTPS", StringComparison.Ordinal)));
        Assert.Equal((2, true), (half.ExitCode, half.Error.Contains("come together", StringComparison.Ordinal)));
    }

    private BrokerOwner Owner()
    {
        Assert.Equal(0, Culvert("keys", "new", "owner.key").ExitCode);
        return new BrokerOwner(At("owner.key"));
    }
}
