namespace Culvert.Cli.Tests.Attested;

/// <summary>Options that do not fit each other are told before anything runs.</summary>
public sealed class AttestedUsageTests : AttestedWorkFolder
{
    private const string Enclave = "--protection enclave ";

    [Theory]
    [InlineData(Enclave + "--broker http://127.0.0.1:8443 --key owner.key", "the address of a key broker is https://HOST:PORT")]
    [InlineData(Enclave + "--broker 127.0.0.1:8443 --key owner.key", "the address of a key broker is https://HOST:PORT")]
    [InlineData(Enclave + "--broker https://127.0.0.1:8443 --broker-ca none.pem --key owner.key", "none.pem: there is no such file; --broker-ca takes the ca.pem that the broker writes")]
    [InlineData(Enclave + "--broker https://127.0.0.1:8443 --manifest m.json --key owner.key", "choose one")]
    [InlineData(Enclave + "--broker-ca ca.pem --key owner.key", "there is no --broker URL")]
    [InlineData(Enclave + "--manifest m.json", "needs the owner's key: --key FILE")]
    [InlineData(Enclave + "--manifest m.json --key owner.key", "m.json: there is no such manifest; 'culvert manifest init JOB --key FILE -o m.json' makes one")]
    [InlineData(Enclave + "--key owner.key --prove r.proof", "--prove needs evidence that somebody verifies: --broker URL, or --manifest FILE with --key")]
    [InlineData(Enclave + "--key owner.key --broker https://127.0.0.1:8443 --prove nowhere/r.proof", "--prove nowhere/r.proof: there is no folder nowhere")]
    [InlineData(Enclave + "--key owner.key --broker https://127.0.0.1:8443 --prove .", "that is a folder; name the proof's file")]
    [InlineData(Enclave + "--key owner.key --collateral .", "--collateral is for whoever verifies enclaves' evidence")]
    [InlineData(Enclave + "--key owner.key --broker https://127.0.0.1:8443 --collateral nowhere", "--collateral nowhere: there is no such folder of collateral")]
    [InlineData(Enclave + "--key owner.key --broker https://127.0.0.1:8443 --release-check 10ms", "--release-check is at least 1s")]
    [InlineData("--protection open --broker https://127.0.0.1:8443", "no stage of this job runs in one: add --protection enclave")]
    [InlineData("--protection sealed --key owner.key --broker https://127.0.0.1:8443", "no stage of this job runs in one: add --protection enclave")]
    public void A_run_that_cannot_be_attested_as_it_is_asked_says_what_to_do(string options, string explanation) =>
        Assert.Contains(explanation, Fails(2, ["run", Flights, "--format", "csv", .. options.Split(' ')]), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_no_certificate_or_no_manifest_is_named()
    {
        string[] run = ["run", Flights, "--protection", "enclave", "--key", "owner.key"];
        Assert.Contains("there is no certificate in it", Fails(1, [.. run, "--broker", "https://127.0.0.1:8443", "--broker-ca", Sample]), StringComparison.Ordinal);
        string other = Fails(1, [.. run, "--manifest", Sample]);
        Assert.Contains($"the manifest {Sample} is not to be used: manifest.format", other, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_key_that_would_show_its_result_here_is_refused()
    {
        InitSealed();

        Assert.Contains("in the open here", Fails(2, "run", Flights, "--input", "in.sealed", "--protection", "enclave", "--broker", "https://127.0.0.1:8443", "--format", "csv"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify none.proof --owner owner.pub", "none.proof: there is no such file")]
    [InlineData("verify owner.pub --owner owner.pub", "--owner is for proofs, and owner.pub is none")]
    public void What_is_no_proof_is_told(string line, string explanation) =>
        Assert.Contains(explanation, Fails(2, line.Split(' ')), StringComparison.Ordinal);
}
