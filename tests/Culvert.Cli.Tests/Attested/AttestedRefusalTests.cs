using System.Text.Json;
using Culvert.Attestation;
using Culvert.Cli.Tests.Broker;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Attested;

/// <summary>Runs that get no key say which check refused, and leave no result.</summary>
public sealed class AttestedRefusalTests : AttestedWorkFolder
{
    [Fact]
    public async Task A_dry_run_fails_the_run_with_what_would_be_decided()
    {
        InitSealed();
        using (RunningBroker broker = await RunningBroker.StartAsync(Folder, "--dry-run"))
        {
            Assert.Contains("dry-run", NoKey(Keyless(broker)), StringComparison.Ordinal);
            Assert.Equal(0, await broker.EndAsync());
        }

        JsonElement decided = JsonDocument.Parse(File.ReadAllLines(At("records.jsonl"))[0]).RootElement;
        Assert.Contains("wouldRelease", decided.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_taken_back_gets_no_key_at_its_next_run()
    {
        InitSealed();
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);
        Succeeds(Keyless(broker));

        Update("--revoke-job");
        await broker.SaidAsync("is current");

        Assert.Contains("job.revoked: the job is taken back by version 2 of its manifest", NoKey(Keyless(broker, "next.sealed")), StringComparison.Ordinal);
        Assert.False(File.Exists(At("next.sealed")));
    }

    [Fact]
    public async Task A_measurement_that_is_taken_back_gets_no_key_and_one_that_is_not_named_neither()
    {
        InitSealed();
        string measurement = Manifest().GetProperty("stages")[0].GetProperty("accepted")[0].GetProperty("values").GetProperty("measurement").GetString()!;
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);

        Update("--revoke-measurement", measurement[..16]);
        await broker.SaidAsync("is current");
        Assert.Contains("measurement.revoked", NoKey(Keyless(broker)), StringComparison.Ordinal);

        SignAgain(manifest => manifest with
        {
            Revoked = new ManifestRevocations(),
            Version = manifest.Version,
            Stages = [.. manifest.Stages.Select(stage => stage with { Accepted = [.. stage.Accepted.Select(Another)] })],
        });
        Assert.Contains("measurement: ", Fails(1, "run", Flights, "--input", "in.sealed", "--protection", "enclave", "-o", "out.sealed", "--key", "owner.key", "--manifest", "manifest.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_enclaves_get_keys_than_the_manifest_says_whatever_is_started_again()
    {
        InitSealed("--activations", "2");
        using (RunningBroker broker = await RunningBroker.StartAsync(Folder))
        {
            Succeeds([.. Keyless(broker), "--workers", "1"]);
            await broker.KillAsync();
        }

        using RunningBroker again = await RunningBroker.StartAsync(Folder);
        Succeeds([.. Keyless(again), "--workers", "1"]);
        Assert.Contains("activations: ", NoKey([.. Keyless(again, "third.sealed"), "--workers", "1"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_that_has_expired_is_another_owners_or_allows_no_simulation_releases_nothing()
    {
        InitSealed();
        Succeeds("keys", "new", "other.key");
        string[] run = ["run", Flights, "--input", "in.sealed", "--protection", "enclave", "-o", "out.sealed", "--manifest", "manifest.json"];

        Assert.Contains("manifest.owner: version 1 of delayed-flights is another owner's", Fails(1, [.. run, "--key", "other.key"]), StringComparison.Ordinal);
        SignAgain(manifest => manifest with { AllowSimulation = false });
        Assert.Contains("simulation.not-allowed", Fails(1, [.. run, "--key", "owner.key"]), StringComparison.Ordinal);
        SignAgain(manifest => manifest with { AllowSimulation = true, NotBefore = DateTimeOffset.UnixEpoch, NotAfter = DateTimeOffset.UnixEpoch.AddYears(50) });
        Assert.Contains("manifest.expired: the manifest has expired on 2020-01-01", Fails(1, [.. run, "--key", "owner.key"]), StringComparison.Ordinal);
        Assert.False(File.Exists(At("out.sealed")));
    }

    [Fact]
    public async Task A_second_broker_on_a_store_or_a_port_and_a_run_with_another_owners_key_are_told_what_to_do()
    {
        Init("--simulation");
        Succeeds("keys", "new", "other.key");
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);
        string[] second = ["broker", "--manifest", "manifest.json", "--key", "owner.key", "--listen"];

        Assert.Contains("another broker uses it; end that one, or give this one a store of its own (--store)", Fails(1, [.. second, "https://127.0.0.1:0"]), StringComparison.Ordinal);
        Assert.Contains("something listens there already; choose another port", Fails(1, [.. second, broker.Address, "--store", "second"]), StringComparison.Ordinal);
        Assert.Contains("give the key that manifest.json was made with", Fails(2, "broker", "--manifest", "manifest.json", "--key", "other.key", "--listen", "https://127.0.0.1:0"), StringComparison.Ordinal);
        string another = Fails(1, ["run", Flights, "--protection", "enclave", "--key", "other.key", "--format", "csv", .. At(broker)]);
        Assert.Contains("the broker releases the keys of another owner than --key is of", another, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_gone_or_is_not_the_owners_is_told_with_what_to_do()
    {
        InitSealed();
        string[] run = ["run", Flights, "--input", "in.sealed", "--protection", "enclave", "-o", "out.sealed"];
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);
        File.Copy(At("ca.pem"), At("first.pem"));
        Assert.Contains("of no authority that this system trusts: name the broker's own by --broker-ca ca.pem", NoKey([.. run, "--broker", broker.Address]), StringComparison.Ordinal);
        Assert.Contains("answered 404, and not as a key broker does", NoKey([.. run, "--broker", broker.Address + "/elsewhere", "--broker-ca", "ca.pem"]), StringComparison.Ordinal);

        // Another owner's broker.
        Directory.CreateDirectory(At("other"));
        Assert.Equal(0, CulvertProgram.Run(At("other"), "keys", "new", "owner.key").ExitCode);
        Assert.Equal(0, CulvertProgram.Run(At("other"), null, ["manifest", "init", Flights, "--key", "owner.key"], ("CULVERT_SIMULATION_KEY", At("simulation.pem"))).ExitCode);
        using RunningBroker other = await RunningBroker.StartAsync(At("other"));
        Assert.Contains("not of the authority in --broker-ca", NoKey([.. run, "--broker", other.Address, "--broker-ca", "ca.pem"]), StringComparison.Ordinal);
        Assert.Contains("names other hosts; 'culvert broker --name HOST' adds this one", NoKey([.. run, "--broker", broker.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "--broker-ca", "ca.pem"]), StringComparison.Ordinal);

        await broker.KillAsync();
        string gone = NoKey([.. run, .. At(broker)]);
        Assert.Contains($"no key is released: {broker.Address}/ cannot be asked: ", gone, StringComparison.Ordinal);
        Assert.Contains("'culvert broker' says at its start where it listens", gone, StringComparison.Ordinal);
        Assert.False(File.Exists(At("out.sealed")));
    }

    private static AcceptedMeasurement Another(AcceptedMeasurement accepted) =>
        accepted with { Values = accepted.Values.SetItem("measurement", new string('a', 64)) };

    /// <summary>What a run says that is given no key: exit code 1, one line, no stack and no result.</summary>
    private string NoKey(string[] run)
    {
        string error = Fails(1, run);
        Assert.DoesNotContain("flaw of Culvert's", error, StringComparison.Ordinal);
        return error;
    }
}
