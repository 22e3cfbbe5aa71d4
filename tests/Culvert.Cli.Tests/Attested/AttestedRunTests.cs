using System.Text.Json;
using Culvert.Cli.Tests.Broker;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Attested;

/// <summary>From a manifest to a verified proof: owner, broker, host and enclaves are processes of their own.</summary>
public sealed class AttestedRunTests : AttestedWorkFolder
{
    [Fact]
    public async Task A_result_through_a_broker_has_a_proof_that_holds_for_it_and_for_no_other()
    {
        Init("--simulation");
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);

        ProgramResult run = Succeeds(["run", Flights, "--protection", "enclave", "--key", "owner.key", "-o", "result.csv", "--prove", "result.proof", .. At(broker)]);

        Assert.Equal(Honest(), Rows(Read("result.csv")));
        Assert.Contains("nothing protects them from their machine's administrator", run.Error, StringComparison.Ordinal);
        string[] verify = ["verify", "result.proof", "--owner", "owner.pub", "--result", "result.csv"];
        ProgramResult verified = Run(verify);
        Assert.Equal(3, verified.ExitCode);
        Assert.StartsWith("THIS IS A SIMULATION.", verified.Out, StringComparison.Ordinal);
        Assert.Contains("result.csv is the result: its 20 rows, and no others", Flat(verified.Out), StringComparison.Ordinal);
        Assert.Contains("it was read in the open by the stage 'source'", Flat(verified.Out), StringComparison.Ordinal);
        Succeeds([.. verify, "--allow-simulation"]);

        Write("result.csv", Read("result.csv").Replace("9E,25,", "9E,26,", StringComparison.Ordinal));
        ProgramResult changed = Run([.. verify, "--allow-simulation"]);
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("FAILS proof.rows result.csv has 20 rows as the enclaves gave, but not the same", Flat(changed.Out), StringComparison.Ordinal);

        Succeeds("seal", "result.csv", "--key", "owner.key", "-o", "another.sealed");
        ProgramResult another = Run("verify", "result.proof", "--owner", "owner.pub", "--result", "another.sealed");
        Assert.Equal(1, another.ExitCode);
        Assert.Contains("another.sealed is sealed, and the enclaves sealed no file", Flat(another.Out), StringComparison.Ordinal);

        Assert.Equal(0, await broker.EndAsync());
        Assert.All(File.ReadAllLines(At("records.jsonl")), line => Assert.Equal("released", JsonDocument.Parse(line).RootElement.GetProperty("result").GetString()));
    }

    [Fact]
    public async Task Somebody_without_a_key_runs_what_its_owner_opens_and_verifies()
    {
        InitSealed();
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);

        Succeeds([.. Keyless(broker), "--prove", "out.proof"]);

        Assert.Equal(Honest(), Open("out.sealed"));
        string[] verify = ["verify", "out.proof", "--owner", "owner.pub", "--result", "out.sealed"];
        ProgramResult opened = Run([.. verify, "--key", "owner.key"]);
        Assert.Equal(3, opened.ExitCode);
        Assert.Contains("1 sealed input, the same in evidence and statements", Flat(opened.Out), StringComparison.Ordinal);
        Assert.Contains("out.sealed is the result: its 20 rows", Flat(opened.Out), StringComparison.Ordinal);
        Assert.Contains("this proof has no salt, which was removed, or the proof was made without the owner's key", Flat(opened.Out), StringComparison.Ordinal);
        ProgramResult unopened = Run(verify);
        Assert.Equal(3, unopened.ExitCode);
        Assert.Contains("out.sealed ends as the file does that the enclaves sealed", Flat(unopened.Out), StringComparison.Ordinal);
        Assert.Contains("That the row groups in out.sealed are those that were sealed: only the owner's key authenticates them", Flat(unopened.Out), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sealed_result_that_was_altered_or_exchanged_is_not_the_proven_one()
    {
        InitSealed();
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);
        Succeeds([.. Keyless(broker), "--prove", "out.proof"]);
        byte[] bytes = File.ReadAllBytes(At("out.sealed"));
        int end = bytes.AsSpan().LastIndexOf("CBLK"u8);
        File.WriteAllBytes(At("rows.sealed"), [.. bytes[..(end - 1)], (byte)(bytes[end - 1] ^ 1), .. bytes[end..]]);
        File.WriteAllBytes(At("end.sealed"), [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
        File.WriteAllBytes(At("cut.sealed"), bytes[..end]);
        string[] verify = ["verify", "out.proof", "--owner", "owner.pub", "--allow-simulation", "--result"];

        Assert.Contains("is another sealed file", Flat(Refused(verify, "in.sealed")), StringComparison.Ordinal);
        Assert.Contains("is another sealed file", Flat(Refused(verify, "end.sealed")), StringComparison.Ordinal);
        Assert.Contains("cut.sealed: was cut", Flat(Refused(verify, "cut.sealed")), StringComparison.Ordinal);

        // The key alone tells what lies before the end; without it, that is said.
        Assert.Contains("was altered", Flat(Refused(verify, "rows.sealed", "--key", "owner.key")), StringComparison.Ordinal);
        Assert.Contains("not authenticated", Flat(Succeeds([.. verify, "rows.sealed"]).Out), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_broker_a_manifest_decides_in_the_runs_own_process()
    {
        Init("--simulation");

        Succeeds("run", Flights, "--protection", "enclave", "--key", "owner.key", "--manifest", "manifest.json", "-o", "result.json", "--prove", "result.proof");

        Assert.Equal(3, Run("verify", "result.proof", "--owner", "owner.pub", "--result", "result.json").ExitCode);
        string refused = Fails(1, "run", Flights, "--key", "owner.key", "--manifest", "manifest.json", "--protection", "enclave", "--malformed", "skip");
        Assert.Contains("plan.unknown: version 1 of the manifest names plan ", refused, StringComparison.Ordinal);
        Assert.Contains("culvert manifest update --job", refused, StringComparison.Ordinal);
    }

    private string Refused(string[] verify, params string[] result)
    {
        ProgramResult verified = Run([.. verify, .. result]);
        Assert.Equal(1, verified.ExitCode);
        return verified.Out;
    }
}
