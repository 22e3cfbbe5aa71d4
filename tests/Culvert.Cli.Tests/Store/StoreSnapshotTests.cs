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
        string[] undisturbed = Carriers();
        Assert.InRange(undisturbed.Length, 10, int.MaxValue);
        File.Delete(At("carriers.csv"));
        Done("store", "init");
        run = [.. run, "--snapshots", "store:jobs/grid"];

        Assert.True(await IsKilledBehindASnapshotAsync([.. run, "--snapshot-interval", "1ms"]), "every run ended before it could be killed: the test shows nothing");

        Directory.Delete(At("cloud-b"), recursive: true);
        Directory.CreateDirectory(At("cloud-b"));
        ProgramResult repaired = Culvert("store", "verify", "--repair");
        Assert.Contains("(mended)", repaired.Out, StringComparison.Ordinal);
        Assert.True(repaired.ExitCode == 0, repaired.Out + repaired.Error);
        Flip("cloud-a");
        Assert.Contains(": a: altered: u/jobs_2fgrid_2f", Ended(1, "store", "verify").Out, StringComparison.Ordinal);

        ProgramResult resumed = Culvert([.. run.Where(word => word != "--quiet"), "--resume"]);

        Assert.True(resumed.ExitCode == 0, resumed.Error);
        if (protection == "open")
        {
            // Protected runs do not say it; without a snapshot --resume fails either way.
            Assert.Contains("resumed from the snapshot", resumed.Error, StringComparison.Ordinal);
        }

        Assert.Equal(undisturbed, Carriers());
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

    /// <summary>Kills a run and all its processes once a snapshot of it is complete; one that was faster than that is begun again.</summary>
    private async Task<bool> IsKilledBehindASnapshotAsync(string[] run)
    {
        for (int life = 0; life < 4; life++)
        {
            using Process process = CulvertProgram.Start(Folder, run);
            while (!process.HasExited && !HasManifest())
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            process.Kill(entireProcessTree: true);
            ProgramResult result = CulvertProgram.Finish(process);
            Assert.True(result.ExitCode is 0 or 137, result.Error);
            if (result.ExitCode == 137)
            {
                return true;
            }

            // What it left would be taken for the next one's.
            Done("store", "init", "--config", NewStore());
        }

        return false;
    }

    /// <summary>The same clouds, emptied.</summary>
    private string NewStore()
    {
        foreach (string folder in new[] { "cloud-a", "cloud-b", "cloud-c", "cloud-d", "clouds.state" })
        {
            Directory.Delete(At(folder), recursive: true);
        }

        File.Delete(At("carriers.csv"));
        return "clouds.yaml";
    }

    /// <summary>The result's lines; which partition a carrier goes to, and so their order, is each protected run's own.</summary>
    private string[] Carriers() => [.. File.ReadLines(At("carriers.csv")).Order(StringComparer.Ordinal)];

    private bool HasManifest() => Directory.Exists(At("cloud-a/h"))
        && Directory.GetFiles(At("cloud-a/h")).Any(path => Path.GetFileName(path).StartsWith("jobs_2fgrid_2fmanifests", StringComparison.Ordinal));

    /// <summary>A job that takes its time in Lua, with one result at its end.</summary>
    private void MakeJob()
    {
        Done("keys", "new", "owner.key");
        Done("generate", "flights", "--rows", "48000", "--seed", "1", "-o", "all.csv");
        string[] lines = File.ReadAllLines(At("all.csv"));

        // Many files make many rounds, so that the first snapshot is there long before the end.
        foreach ((int i, string[] rows) in lines.Skip(1).Chunk(750).Index())
        {
            File.WriteAllLines(At($"part-{i:00}.csv"), [lines[0], .. rows]);
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
