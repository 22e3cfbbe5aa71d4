using System.Diagnostics;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Protection;

/// <summary>Runs whose owner is killed behind a snapshot, and that go on from it.</summary>
public sealed class ProtectedRecoveryTests : SealedWorkFolder
{
    /// <summary>Lives that are ended before one is let be.</summary>
    private const int KilledLives = 3;

    [Theory]
    [InlineData("sealed")]
    [InlineData("enclave")]
    public async Task A_run_that_is_killed_and_resumed_gives_the_result_of_an_undisturbed_one(string protection)
    {
        MakeSlowJob();
        string undisturbed = RunJson("job.yaml", "--protection", "open");
        string[] run = ["run", "job.yaml", "--input", "in.sealed", "--key", "owner.key", "--protection", protection, "-o", "out.sealed", "--snapshots", "snapshots", "--snapshot-interval", "1ms"];

        int resumed = 0;
        for (int life = 0; life < KilledLives; life++)
        {
            bool hasSnapshot = Manifests().Length > 0;
            DateTime? before = hasSnapshot ? Manifests().Max(File.GetLastWriteTimeUtc) : null;
            using Process owner = CulvertProgram.Start(Folder, [.. run, "--workers", $"{life + 1}", .. hasSnapshot ? new[] { "--resume" } : []]);
            while (!owner.HasExited && !Manifests().Any(f => before is null || File.GetLastWriteTimeUtc(f) > before))
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }

            int[] others = [.. ProcessTree.ChildrenOf(owner.Id).SelectMany(host => (int[])[host, .. ProcessTree.ChildrenOf(host)])];
            owner.Kill();
            ProgramResult killed = CulvertProgram.Finish(owner);
            Assert.True(killed.ExitCode is 137 or 0, killed.Error);
            resumed += hasSnapshot ? 1 : 0;
            while (others.Any(ProcessTree.Lives))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }
        }

        Succeeds([.. run, "--workers", "2", "--resume"]);
        string opened = WithoutSeconds(Succeeds("open", "out.sealed", "--key", "owner.key", "--format", "json").Out);

        Assert.True(resumed > 0, "no run went on from a snapshot: the test shows nothing");
        Assert.Equal(undisturbed, opened);
        Assert.Empty(Directory.GetFiles(Folder, "*.partial"));
        Succeeds("verify", "out.sealed", "--key", "owner.key");
    }

    [Fact]
    public void Snapshots_need_the_key_that_they_were_sealed_with()
    {
        Write("in.csv", "a,b\n1,2\n3,4\n");
        Write("job.yaml", Job("aggregate: { n: sum(a) }"));
        string[] run = ["run", "job.yaml", "--protection", "sealed", "-o", "out.jsonl", "--snapshots", "snapshots"];
        Succeeds([.. run, "--key", "owner.key"]);
        Succeeds("keys", "new", "other.key");

        ProgramResult refused = Culvert([.. run, "--key", "other.key", "--resume"]);

        Assert.Equal(1, refused.ExitCode);
        Assert.NotEqual("", refused.Error);
        Assert.DoesNotContain("flaw of Culvert's", refused.Error, StringComparison.Ordinal);
    }

    private string[] Manifests() => Directory.Exists(At("snapshots/manifests")) ? Directory.GetFiles(At("snapshots/manifests")) : [];

    /// <summary>Lua takes the time in which to be killed; many row groups make many rounds.</summary>
    private void MakeSlowJob()
    {
        Succeeds("generate", "flights", "--rows", "200000", "-o", "in.csv");
        Write("filter.lua", "function filter(e)\n  local x = 0\n  for i = 1, 100 do x = x + i end\n  return e.ArrDelay ~= nil and e.ArrDelay > 0 and x > 0\nend\n");
        Write("job.yaml", """
            job: slow
            source:
              csv: in.csv
              missing: [NA, ""]
              types: { UniqueCarrier: text, ArrDelay: 'int32?', FlightNum: 'int32?' }
            stages:
              - select: [UniqueCarrier, FlightNum, ArrDelay]
              - lua: { filter: filter.lua }
              - group by: [UniqueCarrier, FlightNum]
                aggregate: { n: count(), total: sum(ArrDelay) }
            """);
        Seal("in.csv", "in.sealed", "job.yaml");
    }
}
