using System.Security.Cryptography;
using System.Text.Json;

namespace Culvert.Cli.Tests.Manifests;

/// <summary><c>culvert manifest update</c>, <c>sign</c>, <c>verify</c> and <c>show</c>.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class UpdateManifestTests : ManifestWorkFolder
{
    private static readonly string s_chip = new('c', 128);
    private static readonly string s_other = new('b', 64);

    [Fact]
    public void An_update_opens_an_epoch_names_the_version_before_and_keeps_it()
    {
        string first = Digest(Init().Out);
        string before = Read("manifest.json");
        string said = Update("--simulation").Error;

        JsonElement manifest = Manifest();
        Assert.Equal((2, 1, first), (manifest.GetProperty("version").GetInt32(), manifest.GetProperty("epoch").GetInt32(), manifest.GetProperty("previous").GetString()));
        Assert.True(manifest.GetProperty("allowSimulation").GetBoolean());
        Assert.Equal(before, Read("manifest.json.history/0001.json"));
        Assert.Contains("is version 2 now, epoch 1", said, StringComparison.Ordinal);
        Succeeds("manifest", "verify", "manifest.json", "--owner", "owner.pub");

        Update("--no-simulation", "--epoch", "9");
        Assert.Equal((3, 9, false), (Manifest().GetProperty("version").GetInt32(), Manifest().GetProperty("epoch").GetInt32(), Manifest().GetProperty("allowSimulation").GetBoolean()));
        Assert.Contains("epochs do not fall", Fails(2, "manifest", "update", "manifest.json", "--key", "owner.key", "--epoch", "8"), StringComparison.Ordinal);
    }

    [Fact]
    public void Code_machines_and_the_job_are_taken_back()
    {
        Init();
        string own = Accepted()[0];
        Write("new.json", $$"""{ "kind": "simulation", "values": { "measurement": "{{s_other}}" }, "description": "next" }""");
        Update("--measurement", "new.json");
        Assert.Equal([own, s_other], Accepted());
        Update("--remove-measurement", own[..10], "--revoke-measurement", own, "--revoke-chip", s_chip, "--revoke-job");

        JsonElement revoked = Manifest().GetProperty("revoked");
        Assert.Equal([s_other], Accepted());
        Assert.Equal([own], revoked.GetProperty("measurements").EnumerateArray().Select(v => v.GetString()!));
        Assert.Equal([s_chip], revoked.GetProperty("chips").EnumerateArray().Select(v => v.GetString()!));
        Assert.True(revoked.GetProperty("job").GetBoolean());
        Assert.Contains("THE JOB: nothing is released any more", Succeeds("manifest", "show", "manifest.json").Out, StringComparison.Ordinal);
        Assert.Contains("no stage accepts such a value", Fails(2, "manifest", "update", "manifest.json", "--key", "owner.key", "--remove-measurement", own), StringComparison.Ordinal);
        Assert.Contains("would accept no code any more", Fails(2, "manifest", "update", "manifest.json", "--key", "owner.key", "--remove-measurement", s_other), StringComparison.Ordinal);
        Update("--measure");
        Assert.Equal([s_other, own], Accepted());
    }

    [Fact]
    public void Another_plan_of_the_job_takes_the_place_of_the_one_before()
    {
        Init();
        string plan = Manifest().GetProperty("plan").GetString()!;
        string[] code = Accepted();
        Update("--job", Flights, "--result", "result.sealed");
        Assert.NotEqual(plan, Manifest().GetProperty("plan").GetString());
        Assert.Equal(code, Accepted());
        Assert.Contains("is of the job delayed-flights, and this is sensors", Fails(2, "manifest", "update", "manifest.json", "--key", "owner.key", "--job", Path.Combine(Repository, "examples", "sensors", "job.yaml")), StringComparison.Ordinal);
        Assert.Contains("a plan comes of a job: --job job.yaml", Fails(2, "manifest", "update", "manifest.json", "--key", "owner.key", "--result", "result.sealed"), StringComparison.Ordinal);
    }

    [Fact]
    public void Advisories_are_tolerated_by_name()
    {
        Write("sgx.json", $$"""{ "kind": "sgx", "values": { "mrenclave": "{{s_other}}" } }""");
        Init("--measurement", "sgx.json");
        Update("--tolerate-advisory", "INTEL-SA-00615", "--accept-tcb", "SWHardeningNeeded");
        JsonElement sgx = Manifest().GetProperty("platforms").GetProperty("sgx");
        Assert.Equal("INTEL-SA-00615", sgx.GetProperty("toleratedAdvisories")[0].GetString());
        Assert.Equal("SWHardeningNeeded", sgx.GetProperty("acceptedTcbStatuses")[0].GetString());
        Assert.Contains("TCB status Revoked is not known, or can never be accepted", Fails(2, "manifest", "update", "manifest.json", "--key", "owner.key", "--accept-tcb", "Revoked"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_of_three_signers_make_a_version_and_one_or_the_owner_does_not()
    {
        MakeSigners("ann", "bob", "cy");
        Init();
        Update("--signer", "ann=ann.pub", "--signer", "bob=bob.pub", "--signer", "cy=cy.pub", "--threshold", "2");
        string inForce = Read("manifest.json");

        Assert.Contains("signed by 2 of ann, bob, cy; this key is none of theirs", Fails(1, "manifest", "update", "manifest.json", "--key", "owner.key"), StringComparison.Ordinal);
        string said = Succeeds("manifest", "update", "manifest.json", "--signer-key", "ann.pem", "--revoke-chip", s_chip).Error;
        Assert.Contains("with 1 of 2 signatures; version 2 stays in force", said, StringComparison.Ordinal);
        Assert.Equal(inForce, Read("manifest.json"));
        Assert.Contains("version 3, with 1 of 2 signatures", Succeeds("manifest", "show", "manifest.json").Out, StringComparison.Ordinal);
        Succeeds("manifest", "sign", "manifest.json", "--signer-key", "ann.pem");
        Assert.Equal(inForce, Read("manifest.json"));

        Succeeds("manifest", "sign", "manifest.json", "--signer-key", "cy.pem");
        Assert.Equal((3, s_chip), (Manifest().GetProperty("version").GetInt32(), Manifest().GetProperty("revoked").GetProperty("chips")[0].GetString()));
        Assert.Equal(inForce, Read("manifest.json.history/0002.json"));
        Assert.False(File.Exists(At("manifest.json.proposed")));
        Succeeds("manifest", "verify", "manifest.json", "--owner", "owner.pub");
    }

    [Fact]
    public void Verify_fails_for_what_was_altered_put_back_expired_or_anothers()
    {
        Succeeds("keys", "new", "other.key");
        Succeeds("keys", "public", "other.key", "-o", "other.pub");
        Init("--not-after", "2099-01-01");
        string first = Read("manifest.json");
        Update();
        Update();
        string third = Read("manifest.json");

        Assert.Contains("manifest.owner", Fails(1, Verify("--owner", "other.pub")), StringComparison.Ordinal);
        Assert.Contains("manifest.expired", Fails(1, Verify("--owner", "owner.pub", "--at", "2099-01-01")), StringComparison.Ordinal);
        Assert.Contains("manifest.not-yet", Fails(1, Verify("--owner", "owner.pub", "--at", "2001-01-01T00:00:00Z")), StringComparison.Ordinal);
        Assert.Contains("anybody could have made", Succeeds(Verify()).Error, StringComparison.Ordinal);

        Write("manifest.json", third.Replace("\"allowSimulation\": false", "\"allowSimulation\": true", StringComparison.Ordinal));
        Assert.Contains("manifest.signature", Fails(1, Verify("--owner", "owner.pub")), StringComparison.Ordinal);
        Assert.Equal("manifest.signature", Shown().GetProperty("refusal").GetProperty("check").GetString());
        Assert.Contains("REFUSED: manifest.signature", Succeeds("manifest", "show", "manifest.json").Out, StringComparison.Ordinal);
        Assert.Contains("manifest.signature", Fails(1, "manifest", "update", "manifest.json", "--key", "owner.key"), StringComparison.Ordinal);
        Write("manifest.json", third.Replace("{", "{ \"comment\": \"x\",", StringComparison.Ordinal));
        Assert.Contains("manifest.format: manifest.json: the document has a member comment", Fails(1, Verify("--owner", "owner.pub")), StringComparison.Ordinal);
        Write("manifest.json", first);
        Assert.Contains("manifest.older", Fails(1, Verify("--owner", "owner.pub")), StringComparison.Ordinal);
        Write("manifest.json", third);
        File.Delete(At("manifest.json.history/0001.json"));
        Assert.Contains("manifest.missing", Fails(2, Verify("--owner", "owner.pub")), StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_uses_are_told_and_change_nothing()
    {
        MakeSigners("ann");
        Init();
        string before = Read("manifest.json");
        Assert.Contains("say who signs", Fails(2, "manifest", "update", "manifest.json"), StringComparison.Ordinal);
        Assert.Contains("give one", Fails(2, "manifest", "sign", "manifest.json", "--key", "owner.key", "--signer-key", "ann.pem"), StringComparison.Ordinal);
        Assert.Contains("is its owner's to sign", Fails(1, "manifest", "sign", "manifest.json", "--signer-key", "ann.pem"), StringComparison.Ordinal);
        Assert.Contains("contradict", Fails(2, Changing("--simulation", "--no-simulation")), StringComparison.Ordinal);
        Assert.Contains("--threshold, from 1 to 1", Fails(2, Changing("--signer", "ann=ann.pub")), StringComparison.Ordinal);
        Assert.Contains("--threshold is of signers", Fails(2, Changing("--threshold", "1")), StringComparison.Ordinal);
        Assert.Contains("--signer is NAME=PEM", Fails(2, Changing("--signer", "ann.pub", "--threshold", "1")), StringComparison.Ordinal);
        Assert.Contains("ann.pem is no public key in PEM", Fails(2, Changing("--signer", "ann=ann.pem", "--threshold", "1")), StringComparison.Ordinal);
        Assert.Contains("at least its first 8 digits", Fails(2, Changing("--revoke-measurement", "abc")), StringComparison.Ordinal);
        Assert.Contains("chips is not lower-case hexadecimal", Fails(2, Changing("--revoke-chip", "abc")), StringComparison.Ordinal);
        Assert.Contains("neither sgx nor tdx", Fails(2, Changing("--tolerate-advisory", "INTEL-SA-00615")), StringComparison.Ordinal);
        Assert.Contains("nowhere.json: there is no such file", Fails(2, "manifest", "show", "nowhere.json"), StringComparison.Ordinal);
        Assert.Contains("did you mean 'verify'", Fails(2, "manifest", "verfy", "manifest.json"), StringComparison.Ordinal);
        File.SetUnixFileMode(At("ann.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Fails(1, "manifest", "sign", "manifest.json", "--signer-key", "ann.pem"), StringComparison.Ordinal);
        Assert.Equal(before, Read("manifest.json"));
        Assert.False(Directory.Exists(At("manifest.json.history")));
    }

    private static string[] Verify(params string[] more) => ["manifest", "verify", "manifest.json", .. more];

    private static string[] Changing(params string[] more) => ["manifest", "update", "manifest.json", "--key", "owner.key", .. more];

    private static string Digest(string line) => line["digest: ".Length..].Trim();

    /// <summary>The measured values that the first stage accepts.</summary>
    private string[] Accepted() =>
        [.. Manifest().GetProperty("stages")[0].GetProperty("accepted").EnumerateArray().Select(set => set.GetProperty("values").GetProperty("measurement").GetString()!)];

    private void MakeSigners(params string[] names)
    {
        foreach (string name in names)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Write($"{name}.pem", key.ExportPkcs8PrivateKeyPem() + "\n");
            File.SetUnixFileMode(At($"{name}.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Write($"{name}.pub", key.ExportSubjectPublicKeyInfoPem() + "\n");
        }
    }
}
