using System.Diagnostics;
using Culvert.Cli.Tests.Broker;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Attested;

/// <summary>A manifest's next version opens a key epoch, and a run that was lost goes on in it.</summary>
public sealed class AttestedUpdateTests : AttestedWorkFolder
{
    [Fact]
    public async Task A_run_goes_on_after_an_update_with_the_state_of_the_epoch_before()
    {
        MakeSlowJob();
        string[] undisturbed = Rows(Succeeds("run", "job.yaml", "--format", "csv").Out);
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);
        string[] run = ["run", "job.yaml", "--input", "in.sealed", "--protection", "enclave", "-o", "out.sealed", "--snapshots", "snapshots", "--snapshot-interval", "1ms", "--workers", "1", "--prove", "out.proof", .. At(broker)];
        await KillBehindASnapshotAsync(run);

        Update();
        Assert.Contains("version 2", await broker.SaidAsync("is current"), StringComparison.Ordinal);
        Succeeds([.. run, "--resume"]);

        Assert.Equal(undisturbed, Open("out.sealed"));
        ProgramResult verified = Run("verify", "out.proof", "--owner", "owner.pub", "--result", "out.sealed", "--key", "owner.key");
        Assert.True(verified.ExitCode == 3, verified.Out);
        Assert.Contains("version 2, authorised by the owner, valid when the enclaves were attested", Flat(verified.Out), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_endless_run_ends_when_its_code_is_taken_back(bool hasBroker)
    {
        File.Copy(Sample, At("flights.csv"));
        Init("--simulation", "--input", "flights.csv", "--follow");
        using RunningBroker? broker = hasBroker ? await RunningBroker.StartAsync(Folder) : null;
        string[] keys = broker is null ? ["--manifest", "manifest.json"] : At(broker);
        using Process run = CulvertProgram.StartWith(
            Folder, CulvertProgram.Path, ["run", Flights, "--input", "flights.csv", "--follow", "--protection", "enclave", "--key", "owner.key", "--release-check", "1s", "--snapshots", "snapshots", "--snapshot-interval", "50ms", .. keys],
            ("CULVERT_SIMULATION_KEY", At("simulation.pem")));
        while (!run.HasExited && !Directory.EnumerateFiles(Directory.CreateDirectory(At("snapshots/manifests")).FullName).Any())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        string measurement = System.Text.RegularExpressions.Regex.Match(Read("manifest.json"), "\"measurement\": \"([0-9a-f]+)\"").Groups[1].Value;
        Update("--revoke-measurement", measurement);

        ProgramResult ended = CulvertProgram.Finish(run);
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("takes back what this run was given keys for: measurement.revoked", Flat(ended.Error), StringComparison.Ordinal);
    }

    private async Task KillBehindASnapshotAsync(string[] run)
    {
        using Process owner = CulvertProgram.StartWith(Folder, CulvertProgram.Path, run, ("CULVERT_SIMULATION_KEY", At("simulation.pem")));
        while (!owner.HasExited && !Directory.EnumerateFiles(Directory.CreateDirectory(At("snapshots/manifests")).FullName).Any())
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        int[] others = [.. ProcessTree.ChildrenOf(owner.Id).SelectMany(host => (int[])[host, .. ProcessTree.ChildrenOf(host)])];
        owner.Kill();
        ProgramResult killed = CulvertProgram.Finish(owner);
        Assert.True(killed.ExitCode == 137, $"it was not killed in the middle: {killed.ExitCode} {killed.Error}");
        while (others.Any(ProcessTree.Lives))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lua takes the time in which to be killed; many row groups make many rounds.</summary>
    private void MakeSlowJob()
    {
        Succeeds("generate", "flights", "--rows", "400000", "-o", "in.csv");
        Write("filter.lua", "function filter(e)\n  local x = 0\n  for i = 1, 200 do x = x + i end\n  return e.ArrDelay ~= nil and e.ArrDelay > 0 and x > 0\nend\n");
        Write("job.yaml", $$"""
            job: slow
            source:
              csv: in.csv
              missing: [NA, ""]
              columns: [{{File.ReadLines(At("in.csv")).First()}}]
              types: { UniqueCarrier: text, ArrDelay: 'int32?', FlightNum: 'int32?' }
            stages:
              - select: [UniqueCarrier, FlightNum, ArrDelay]
              - lua: { filter: filter.lua }
              - group by: [UniqueCarrier, FlightNum]
                aggregate: { n: count(), total: sum(ArrDelay) }
            """);
        Succeeds("seal", "in.csv", "--key", "owner.key", "--job", "job.yaml", "-o", "in.sealed");
        Succeeds("manifest", "init", "job.yaml", "--key", "owner.key", "--simulation", "--input", "in.sealed", "--result", "out.sealed");
    }
}
