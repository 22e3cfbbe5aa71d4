using System.Diagnostics;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Stores;

public class StoreSnapshotTests : StoreFolder
{
    [Theory]
    [InlineData("open")]
    [InlineData("sealed")]
    [InlineData("enclave")]
    public async Task A_run_that_was_killed_goes_on_though_one_cloud_was_wiped_and_another_lies(string protection)
    {
        string[] run = ["run", "job.yaml", "--quiet", "--workers", "2", "--protection", protection, "--key", "owner.key"];
        MakeJob();
        Ended(0, run);
        byte[] undisturbed = File.ReadAllBytes(At("carriers.csv"));
        Assert.InRange(undisturbed.Length, 100, int.MaxValue);
        File.Delete(At("carriers.csv"));
        Done("store", "init");
        run = [.. run, "--snapshots", "store:jobs/grid"];

        using (Process killed = CulvertProgram.Start(Folder, [.. run, "--snapshot-interval", "1ms"]))
        {
            while (!HasManifest())
            {
                Assert.False(killed.HasExited, "it ended before anybody saw a snapshot of it");
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            killed.Kill(entireProcessTree: true);
            Assert.Equal(137, CulvertProgram.Finish(killed).ExitCode);
        }

        Assert.False(File.Exists(At("carriers.csv")));
        Directory.Delete(At("cloud-b"), recursive: true);
        Directory.CreateDirectory(At("cloud-b"));
        ProgramResult repaired = Culvert("store", "verify", "--repair");
        Assert.Contains("(mended)", repaired.Out, StringComparison.Ordinal);
        Assert.True(repaired.ExitCode == 0, repaired.Out + repaired.Error);
        Flip("cloud-a");

        ProgramResult resumed = Culvert([.. run.Where(word => word != "--quiet"), "--resume"]);

        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("resumed from the snapshot", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(undisturbed, File.ReadAllBytes(At("carriers.csv")));
        Assert.NotEmpty(CloudOf(Status(), "a").GetProperty("misbehaviour").EnumerateArray());
    }

    [Theory]
    [InlineData("there is no clouds.yaml; --store-config FILE", 2)]
    [InlineData("cannot resume: ", 1)]
    [InlineData("no store of this owner", 1)]
    public void A_store_that_cannot_give_snapshots_is_told(string message, int exitCode)
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job("where: a > 0"));
        List<string> line = ["run", "job.yaml", "--snapshots", "store:jobs/x"];
        switch (exitCode)
        {
            case 2:
                File.Delete(At("clouds.yaml"));
                break;
            default:
                if (message.StartsWith("cannot", StringComparison.Ordinal))
                {
                    Done("store", "init");
                    line.Add("--resume");
                }
                else
                {
                    Done("keys", "new", "clouds.key");
                }

                break;
        }

        ProgramResult result = Culvert([.. line]);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_do_not_share_the_names_of_their_snapshots()
    {
        Done("store", "init");
        Write("job.yaml", "job: endless\nsource: { generate: sensors, with: { rate: 1000 } }\nsink: { jsonl: '-' }\n");
        using Process first = CulvertProgram.Start(Folder, "run", "job.yaml", "--snapshots", "store:jobs/x");
        Assert.NotNull(first.StandardOutput.ReadLine());

        ProgramResult second = Culvert("run", "job.yaml", "--snapshots", "store:jobs/x/");
        first.Kill();
        first.WaitForExit();

        Assert.Equal((1, ""), (second.ExitCode, second.Out));
        Assert.Contains("another run keeps its snapshots in store:jobs/x", second.Error, StringComparison.Ordinal);
    }

    private bool HasManifest() => Directory.Exists(At("cloud-a/h"))
        && Directory.GetFiles(At("cloud-a/h")).Any(path => Path.GetFileName(path).StartsWith("jobs_2fgrid_2fmanifests", StringComparison.Ordinal));

    /// <summary>A job that takes its time in Lua, with one result at its end.</summary>
    private void MakeJob()
    {
        Done("keys", "new", "owner.key");
        for (int i = 0; i < 2; i++)
        {
            Done("generate", "flights", "--rows", "25000", "--seed", $"{i + 1}", "-o", $"part-{i}.csv");
        }

        Write("filter.lua", "function filter(e)\n  local x = 0\n  for i = 1, 8000 do x = x + i end\n  return e.ArrDelay ~= nil and e.ArrDelay > 0 and x > 0\nend\n");
        Write("job.yaml", """
            job: killable
            partitions: 2
            source:
              csv: part-*.csv
              missing: [NA, ""]
              types: { UniqueCarrier: text, ArrDelay: 'int32?' }
            stages:
              - select: [UniqueCarrier, ArrDelay]
              - name: late
                lua: { filter: filter.lua }
              - name: carriers
                group by: { carrier: UniqueCarrier }
                aggregate: { n: count(), total: sum(ArrDelay) }
            sink: { csv: carriers.csv }
            """);
    }
}
