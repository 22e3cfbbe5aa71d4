using System.Diagnostics;
using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Proofs;

public sealed class ProofCommandTests : WorkFolder, IClassFixture<ProvenFolder>
{
    public ProofCommandTests(ProvenFolder proven)
    {
        foreach (string file in Directory.GetFiles(proven.Path))
        {
            File.Copy(file, At(Path.GetFileName(file)));
        }
    }

    [Fact]
    public void A_simulation_that_holds_says_so_first_and_is_no_success_by_itself()
    {
        ProgramResult verified = Verify("--result", "result.json");
        ProgramResult allowed = Verify("--result", "result.json", "--allow-simulation");

        Assert.Equal((3, 0), (verified.ExitCode, allowed.ExitCode));
        Assert.StartsWith("THIS IS A SIMULATION.", verified.Out, StringComparison.Ordinal);
        Assert.Contains("result.proof: the proof holds, as a simulation\n", verified.Out, StringComparison.Ordinal);
        Assert.Contains("result.json is the result: its 3 rows, and no others", Flat(verified.Out), StringComparison.Ordinal);
        Assert.Contains("Without a time stamp, keys of a chip that was broken later", Flat(verified.Out), StringComparison.Ordinal);
        Assert.Contains("--allow-simulation takes that for success", verified.Error, StringComparison.Ordinal);
        Assert.Equal("", allowed.Error);
    }

    [Theory]
    [InlineData("result.json")]
    [InlineData("result.jsonl")]
    [InlineData("result.csv")]
    [InlineData("result.sealed", "--key", "owner.key")]
    public void The_same_result_is_checked_in_each_format(string file, params string[] key) =>
        Assert.Equal((0, ""), Outcome(Verify(["--result", file, "--allow-simulation", .. key])));

    [Theory]
    [InlineData("result.json", "12.5", "12.6", "has 3 rows as the enclaves gave, but not the same")]
    [InlineData("result.jsonl", "AA", "AB", "has 3 rows as the enclaves gave, but not the same")]
    [InlineData("result.csv", "WN,12.5\n", "", "result.csv has 2 rows, and the enclaves gave 3")]
    [InlineData("result.csv", "WN,12.5\n", "WN,12.5\nWN,12.5\n", "result.csv has 4 rows, and the enclaves gave 3")]
    [InlineData("result.csv", "carrier,", "airline,", "line 1: the header is not carrier,delay")]
    public void A_changed_result_does_not_hold(string file, string old, string changed, string why)
    {
        File.WriteAllText(At(file), File.ReadAllText(At(file)).Replace(old, changed, StringComparison.Ordinal));

        ProgramResult verified = Verify("--result", file, "--allow-simulation");

        Assert.Equal(1, verified.ExitCode);
        Assert.Contains("the proof does NOT hold", verified.Out, StringComparison.Ordinal);
        Assert.Contains("FAILS  proof.rows", verified.Out, StringComparison.Ordinal);
        Assert.Contains(why, Flat(verified.Out), StringComparison.Ordinal);
        Assert.DoesNotContain("\nProven:", verified.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sealed_result_that_was_altered_or_is_another_does_not_hold()
    {
        byte[] bytes = File.ReadAllBytes(At("result.sealed"));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(At("altered.sealed"), bytes);
        Culvert("seal", "result.csv", "--key", "owner.key", "-o", "other.sealed", "--types", "carrier:text,delay:float64?");

        Assert.Equal(1, Verify("--result", "altered.sealed", "--key", "owner.key", "--allow-simulation").ExitCode);
        ProgramResult other = Verify("--result", "other.sealed", "--key", "owner.key", "--allow-simulation");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("other.sealed is another sealed file", Flat(other.Out), StringComparison.Ordinal);
    }

    [Fact]
    public void One_json_document_says_the_same()
    {
        ProgramResult verified = Verify("--result", "result.json", "--json");
        using JsonDocument document = JsonDocument.Parse(verified.Out);
        JsonElement root = document.RootElement;

        Assert.Equal(3, verified.ExitCode);
        Assert.Equal((true, "holds-as-simulation"), (root.GetProperty("simulation").GetBoolean(), root.GetProperty("status").GetString()));
        Assert.Equal(
            ["proof.format", "proof.owner", "proof.manifest", "proof.evidence", "proof.result", "proof.statements", "proof.complete", "proof.inputs", "proof.sealed", "proof.rows", "proof.time"],
            root.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("check").GetString()));
        Assert.Equal("not-checked", root.GetProperty("checks")[10].GetProperty("outcome").GetString());
        Assert.NotEmpty(root.GetProperty("proven").EnumerateArray());
        Assert.NotEmpty(root.GetProperty("notProven").EnumerateArray());
    }

    [Fact]
    public void Names_in_a_proof_do_not_steer_the_terminal()
    {
        ProgramResult verified = Verify();

        Assert.Contains("'read\uFFFD[2J'", verified.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', verified.Out);
    }

    [Fact]
    public void Another_owner_and_a_damaged_proof_are_refused()
    {
        Culvert("keys", "new", "other.key");
        using ProvenResult other = new(At("other.key"));
        Write("other.pub", other.OwnerPem);
        Write("damaged.proof", File.ReadAllText(At("result.proof")).Replace("\"culvert\"", "\"kulvert\"", StringComparison.Ordinal));

        ProgramResult verified = Culvert("verify", "result.proof", "--owner", "other.pub", "--allow-simulation");
        ProgramResult damaged = Culvert("verify", "damaged.proof", "--owner", "owner.pub", "--allow-simulation");

        Assert.Equal((1, 1), (verified.ExitCode, damaged.ExitCode));
        Assert.Contains("FAILS  proof.owner", verified.Out, StringComparison.Ordinal);
        Assert.Contains("damaged.proof: proof.format: the document has a member kulvert", damaged.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("result.proof is a proof: --owner FILE", "result.proof")]
    [InlineData("owner.key is the owner's secret key", "result.proof", "--owner", "owner.key")]
    [InlineData("result.csv is no public key", "result.proof", "--owner", "result.csv")]
    [InlineData("nobody.pub: there is no such file", "result.proof", "--owner", "nobody.pub")]
    [InlineData("--key is for sealed results", "result.proof", "--owner", "owner.pub", "--result", "result.csv", "--key", "owner.key")]
    [InlineData("--key opens a sealed result", "result.proof", "--owner", "owner.pub", "--key", "owner.key")]
    [InlineData("the name does not tell the result's form", "result.proof", "--owner", "owner.pub", "--result", "owner.pub")]
    [InlineData("give the result with --result", "result.proof", "--owner", "owner.pub", "--format", "csv")]
    [InlineData("result.sealed is a sealed file, and not csv", "result.proof", "--owner", "owner.pub", "--result", "result.sealed", "--format", "csv", "--key", "owner.key")]
    [InlineData("owner.pub holds no certificate", "result.proof", "--owner", "owner.pub", "--timestamp-ca", "owner.pub")]
    [InlineData("result.proof is a proof: one is verified at a time", "result.sealed", "result.proof", "--key", "owner.key")]
    [InlineData("--owner is for proofs, and result.sealed is none", "result.sealed", "--owner", "owner.pub", "--key", "owner.key")]
    [InlineData("--key FILE is needed to verify a sealed file", "result.sealed")]
    public void Wrong_uses_are_told_what_to_say(string message, params string[] arguments)
    {
        ProgramResult verified = Culvert(["verify", .. arguments]);

        Assert.Equal(2, verified.ExitCode);
        Assert.Contains(message, verified.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_owner_dates_a_proof_and_publishes_it_without_its_salt()
    {
        ProgramResult stamp = Culvert("proof", "stamp", "result.proof", "--key", "owner.key");
        ProgramResult publish = Culvert("proof", "publish", "result.proof", "-o", "public.proof");

        Assert.Equal((0, 0), (stamp.ExitCode, publish.ExitCode));
        Assert.Contains("the owner signed that this proof was there on", Flat(Verify("--allow-simulation").Out), StringComparison.Ordinal);
        ProgramResult verified = Culvert("verify", "public.proof", "--owner", "owner.pub", "--allow-simulation");
        Assert.Equal(0, verified.ExitCode);
        Assert.Contains("ok     proof.time", verified.Out, StringComparison.Ordinal);
        Assert.Contains("this proof has no salt", Flat(verified.Out), StringComparison.Ordinal);
        Assert.Equal(1, Culvert("verify", "public.proof", "--owner", "owner.pub", "--allow-simulation", "--result", "result.csv").ExitCode);
        Assert.Equal(0, Culvert("verify", "public.proof", "--owner", "owner.pub", "--allow-simulation", "--result", "result.sealed", "--key", "owner.key").ExitCode);
    }

    [Fact]
    public void Stamps_by_another_owner_or_of_nothing_said_are_refused()
    {
        Culvert("keys", "new", "other.key");

        Assert.Contains("another owner's job", Culvert("proof", "stamp", "result.proof", "--key", "other.key").Error, StringComparison.Ordinal);
        Assert.Equal(2, Culvert("proof", "stamp", "result.proof").ExitCode);
        Assert.Equal(2, Culvert("proof", "stamp", "result.proof", "--key", "owner.key", "--request", "q").ExitCode);
        Assert.Contains("no response of a time-stamping authority", Culvert("proof", "stamp", "result.proof", "--response", "result.csv").Error, StringComparison.Ordinal);
    }

    /// <summary>A time-stamping authority of the test's own, by OpenSSL: an implementation that is not ours.</summary>
    [Theory]
    [InlineData("-newkey rsa:2048")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:P-256")]
    public void An_authoritys_token_dates_a_proof_for_those_who_trust_it(string key)
    {
        Write("tsa.cnf", """
            [tsa]
            default_tsa = here
            [here]
            serial = serial
            signer_cert = tsa.pem
            certs = ca.pem
            signer_key = tsa.key
            signer_digest = sha256
            default_policy = 1.2.3.4
            digests = sha256, sha512
            ess_cert_id_chain = no
            ess_cert_id_alg = sha256
            """);
        Write("serial", "01\n");
        OpenSsl($"req -x509 -nodes {key} -keyout ca.key -out ca.pem -days 30 -subj /CN=Root");
        OpenSsl($"req -x509 -nodes {key} -keyout other.key -out other.pem -days 30 -subj /CN=Other");
        OpenSsl($"req -x509 -nodes {key} -keyout tsa.key -out tsa.pem -days 30 -subj /CN=Clockwork -CA ca.pem -CAkey ca.key -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=critical,timeStamping");

        Assert.Equal(0, Culvert("proof", "stamp", "result.proof", "--request", "q.tsq").ExitCode);
        OpenSsl("ts -reply -config tsa.cnf -queryfile q.tsq -out a.tsr");
        Assert.Equal((0, ""), Outcome(Culvert("proof", "stamp", "result.proof", "--response", "a.tsr")));

        ProgramResult trusted = Verify("--timestamp-ca", "ca.pem", "--allow-simulation");
        Assert.Equal(0, trusted.ExitCode);
        Assert.Contains("the time-stamping authority 'Clockwork' saw this proof on", Flat(trusted.Out), StringComparison.Ordinal);
        ProgramResult unjudged = Verify("--allow-simulation");
        Assert.Equal(0, unjudged.ExitCode);
        Assert.Contains("give its authority's certificate with --timestamp-ca", Flat(unjudged.Out), StringComparison.Ordinal);
        ProgramResult untrusted = Verify("--timestamp-ca", "other.pem", "--allow-simulation");
        Assert.Equal(1, untrusted.ExitCode);
        Assert.Contains("by 'Clockwork', whom the given certificates do not vouch for", Flat(untrusted.Out), StringComparison.Ordinal);

        AssertEveryAlteredTokenFails();
        Assert.Contains("a time-stamping authority was given, and the proof has no token", Flat(WithoutToken()), StringComparison.Ordinal);
        OpenSsl("ts -query -data owner.pub -sha256 -cert -out other.tsq");
        OpenSsl("ts -reply -config tsa.cnf -queryfile other.tsq -out other.tsr");
        Assert.Contains("of something else than this proof", Culvert("proof", "stamp", "result.proof", "--response", "other.tsr").Error, StringComparison.Ordinal);
    }

    private void AssertEveryAlteredTokenFails()
    {
        global::Culvert.Attestation.Proof proof = global::Culvert.Attestation.ProofDocument.Read(File.ReadAllBytes(At("result.proof"))).Value;
        Cli.Commands.Proofs.TimestampTokens tokens = Cli.Commands.Proofs.TimestampTokens.Trusting(At("ca.pem"));
        byte[] token = [.. proof.TimestampTokens[0]];
        DateTimeOffset at = tokens.Verify(token, proof.Digest()).Value.At;
        for (int i = 0; i < token.Length; i++)
        {
            token[i] ^= (byte)(1 << (i % 8));
            Outcome<global::Culvert.Attestation.TimestampWord> word = tokens.Verify(token, proof.Digest());
            Assert.True(!word.Succeeded || (word.Value.At == at && word.Value.Authority == "Clockwork"), $"byte {i}");
            token[i] ^= (byte)(1 << (i % 8));
        }
    }

    private string WithoutToken()
    {
        global::Culvert.Attestation.Proof proof = global::Culvert.Attestation.ProofDocument.Read(File.ReadAllBytes(At("result.proof"))).Value;
        File.WriteAllBytes(At("bare.proof"), global::Culvert.Attestation.ProofDocument.Write(proof with { TimestampTokens = [] }));
        return Culvert("verify", "bare.proof", "--owner", "owner.pub", "--timestamp-ca", "ca.pem").Out;
    }

    private void OpenSsl(string arguments)
    {
        try
        {
            using Process process = CulvertProgram.StartWith(Folder, "openssl", arguments.Split(' '));
            ProgramResult result = CulvertProgram.Finish(process);
            Assert.True(result.ExitCode == 0, result.Error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("OPENSSL IS NOT AT HAND, so no time stamp of another implementation is checked");
        }
    }

    private ProgramResult Verify(params string[] arguments) => Culvert(["verify", "result.proof", "--owner", "owner.pub", .. arguments]);

    private static (int ExitCode, string Error) Outcome(ProgramResult result) => (result.ExitCode, result.Error);

    /// <summary>What was wrapped, on one line.</summary>
    private static string Flat(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A result and its proof, made once: each test has a copy.</summary>
public sealed class ProvenFolder : WorkFolder
{
    public ProvenFolder()
    {
        Culvert("keys", "new", "owner.key");
        using ProvenResult result = new(At("owner.key"));
        result.Write(Folder);
        Write("owner.pub", result.OwnerPem + "\n");
    }

    /// <summary>Where they are.</summary>
    public string Path => Folder;
}
