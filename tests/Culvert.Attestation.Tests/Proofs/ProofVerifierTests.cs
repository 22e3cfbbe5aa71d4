using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation.Tests.Forge;
using Culvert.Sealing;

namespace Culvert.Attestation.Tests.Proofs;

public class ProofVerifierTests
{
    [Theory]
    [InlineData(EvidenceKind.Sgx)]
    [InlineData(EvidenceKind.Tdx)]
    [InlineData(EvidenceKind.SevSnp)]
    public void A_proof_of_hardware_holds_for_its_result_in_any_order(EvidenceKind kind)
    {
        using ProofForge forge = new(kind);

        ProofVerdict verdict = forge.Verify(forge.Make(), ProofForge.Claim([.. ProofForge.Rows.Reverse()]));

        Assert.Empty(verdict.Checks.Where(c => c.Outcome == ProofCheckOutcome.Fails));
        Assert.Equal((ProofStatus.Holds, false), (verdict.Status, verdict.IsSimulation));
        Assert.StartsWith("result.json is the result: its 12 rows, and no others, were given by code that version 1 of the owner's manifest accepts, running in attested enclaves (2 on ", verdict.Proven[0], StringComparison.Ordinal);
        Assert.Contains(verdict.Proven, s => s.Contains(forge.InputEnd.ToString(), StringComparison.Ordinal));
        Assert.Contains(verdict.NotProven, s => s.StartsWith("The date. The broker says that the enclaves were attested on 2030-01-01", StringComparison.Ordinal));
    }

    [Fact]
    public void A_simulation_is_named_before_all_else_and_never_merely_holds()
    {
        using ProofForge forge = new();

        ProofVerdict verdict = forge.Verify(forge.Make(), ProofForge.Claim(ProofForge.Rows));

        Assert.Equal((ProofStatus.HoldsAsSimulation, true), (verdict.Status, verdict.IsSimulation));
        Assert.Contains("simulated enclaves", verdict.Proven[0], StringComparison.Ordinal);
        Assert.Contains("hardware", verdict.NotProven[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_simulation_that_does_not_hold_is_a_simulation_all_the_same()
    {
        using ProofForge forge = new();

        ProofVerdict verdict = forge.Verify(forge.Make(), ProofForge.Claim("another"));

        Assert.Equal((ProofStatus.Fails, true), (verdict.Status, verdict.IsSimulation));
        Assert.Empty(verdict.Proven);
    }

    public static TheoryData<string> ChangedResults => ["changed", "missing", "doubled", "exchanged", "empty"];

    [Theory]
    [MemberData(nameof(ChangedResults))]
    public void A_result_that_is_not_those_rows_is_refused(string change)
    {
        using ProofForge forge = new();
        string[] rows = change switch
        {
            "changed" => ["row 0 ", .. ProofForge.Rows[1..]],
            "missing" => ProofForge.Rows[1..],
            "doubled" => [.. ProofForge.Rows, ProofForge.Rows[0]],
            "exchanged" => [ProofForge.Rows[1], .. ProofForge.Rows[1..]],
            _ => [],
        };

        AssertRefused(forge.Verify(forge.Make(), ProofForge.Claim(rows)), "proof.rows");
    }

    [Fact]
    public void A_file_that_is_no_result_is_refused_in_its_readers_words()
    {
        using ProofForge forge = new();

        ProofVerdict verdict = forge.Verify(forge.Make(), new ResultClaim("x", null, null, new Failure(FailureKind.Malformed, "x, line 3: no row")));

        Assert.Equal("x, line 3: no row", AssertRefused(verdict, "proof.rows"));
    }

    [Fact]
    public void Without_a_result_the_rest_is_checked_and_the_words_say_so()
    {
        using ProofForge forge = new(EvidenceKind.Sgx);

        ProofVerdict verdict = forge.Verify(forge.Make());

        Assert.Equal(ProofStatus.Holds, verdict.Status);
        Assert.Equal(ProofCheckOutcome.NotChecked, verdict.Checks.Single(c => c.Name == "proof.rows").Outcome);
        Assert.Contains("That any file at hand is the result: give it with --result.", verdict.NotProven);
    }

    [Fact]
    public void A_proof_without_its_salt_holds_and_checks_no_rows()
    {
        using ProofForge forge = new(EvidenceKind.Sgx);
        Proof proof = forge.Make() with { Salt = [] };

        Assert.Equal(ProofStatus.Holds, forge.Verify(proof).Status);
        Assert.Contains("the proof has no salt", AssertRefused(forge.Verify(proof, new ResultClaim("r", null, null)), "proof.rows"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sealed_result_is_known_by_its_end_even_without_the_salt()
    {
        using ProofForge forge = new(EvidenceKind.Sgx) { IsSealed = true };
        Proof proof = forge.Make();
        EndDigest end = proof.Sealed!.Value;

        Assert.Equal(EndDigest.Of(new StreamId(0xE4D), 77, [(5, 900), (6, 901)]), end);
        Assert.Equal(ProofStatus.Holds, forge.Verify(proof, ProofForge.Claim(ProofForge.Rows) with { Sealed = end }).Status);
        Assert.Equal(ProofStatus.Holds, forge.Verify(proof with { Salt = [] }, new ResultClaim("r.sealed", null, end)).Status);
        AssertRefused(forge.Verify(proof, ProofForge.Claim(ProofForge.Rows) with { Sealed = new EndDigest(1, 2) }), "proof.rows");
        AssertRefused(forge.Verify(proof with { Sealed = new EndDigest(1, 2) }), "proof.sealed");
        AssertRefused(forge.Verify(proof with { Sealed = null }), "proof.sealed");
    }

    [Fact]
    public void A_partition_that_is_missing_doubled_or_anothers_is_refused()
    {
        using ProofForge forge = new();
        using ProofForge other = new();
        Proof proof = forge.Make();
        SignedStatement byOther = SignedStatement.Sign(forge.StatementOf(1, forge.Manifests()[^1]), other.EnclaveKeys[1]);

        Assert.Equal("1 of 2 partitions that make the result have no statement", AssertRefused(forge.Verify(proof with { Statements = [proof.Statements[0]] }), "proof.statements"));
        AssertRefused(forge.Verify(proof with { Statements = [] }), "proof.statements");
        AssertRefused(forge.Verify(proof with { Statements = [proof.Statements[0], proof.Statements[0]] }), "proof.statements");
        AssertRefused(forge.Verify(proof with { Statements = [.. proof.Statements, proof.Statements[0]] }), "proof.statements");
        AssertRefused(forge.Verify(proof with { Statements = [proof.Statements[0], byOther] }), "proof.statements");
    }

    public static TheoryData<string> OtherStatements => ["run", "plan", "manifest", "epoch", "result", "parts", "columns", "salt", "open before", "open behind"];

    [Theory]
    [MemberData(nameof(OtherStatements))]
    public void A_statement_of_anything_else_is_refused(string what)
    {
        using ProofForge forge = new()
        {
            ChangeStatement = (enclave, s) => enclave == 0 ? s : what switch
            {
                "run" => s with { Run = new RunId(8) },
                "plan" => s with { Plan = new PlanDigest(1, 1) },
                "manifest" => s with { Manifest = [.. new byte[32]] },
                "epoch" => s with { Epoch = new KeyEpoch(1) },
                "result" => s with { Result = 1 },
                "parts" => s with { Parts = [new ResultPart(s.Stage, 2), new ResultPart(new StageId(9), 1)] },
                "columns" => s with { Columns = [.. new byte[32]] },
                "salt" => s with { Salt = [.. new byte[32]] },
                "open before" => s with { OpenBefore = ["x"] },
                _ => s with { OpenBehind = ["x"] },
            },
        };

        AssertRefused(forge.Verify(forge.Make()), "proof.statements");
    }

    [Fact]
    public void An_enclave_speaks_for_its_own_stages_only()
    {
        using ProofForge forge = new();
        Proof proof = forge.Make();
        ResultStatement ofReader = forge.StatementOf(0, proof.Manifests[^1]) with { Stage = new StageId(0), Parts = [new ResultPart(new StageId(0), 1)] };

        AssertRefused(forge.Verify(proof with { Statements = [SignedStatement.Sign(ofReader, forge.EnclaveKeys[1])] }), "proof.statements");
    }

    [Fact]
    public void Columns_and_salt_that_no_statement_names_are_refused()
    {
        using ProofForge forge = new();
        Proof proof = forge.Make();

        AssertRefused(forge.Verify(proof with { Columns = [.. proof.Columns.Reverse()] }), "proof.statements");
        AssertRefused(forge.Verify(proof with { Salt = [.. new byte[32]] }), "proof.statements");
    }

    [Fact]
    public void What_is_not_complete_is_refused()
    {
        using ProofForge forge = new() { ChangeStatement = (enclave, s) => s with { IsComplete = enclave == 0 } };

        AssertRefused(forge.Verify(forge.Make()), "proof.complete");
    }

    [Theory]
    [InlineData(EvidenceKind.Simulation)]
    [InlineData(EvidenceKind.Sgx)]
    [InlineData(EvidenceKind.SevSnp)]
    public void Evidence_of_another_enclave_or_none_is_refused(EvidenceKind kind)
    {
        using ProofForge forge = new(kind);
        Proof proof = forge.Make();
        EnclaveProof[] swapped = [proof.Enclaves[0] with { Evidence = proof.Enclaves[1].Evidence }, proof.Enclaves[1]];

        Assert.Contains("binding.report-data", AssertRefused(forge.Verify(proof with { Enclaves = [.. swapped] }), "proof.evidence"), StringComparison.Ordinal);
        AssertRefused(forge.Verify(proof with { Enclaves = [proof.Enclaves[0] with { Evidence = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty }, proof.Enclaves[1]] }), "proof.evidence");
        AssertRefused(forge.Verify(proof with { Enclaves = [] }), "proof.format");
    }

    [Fact]
    public void A_stage_without_evidence_is_refused()
    {
        using ProofForge forge = new();
        Proof proof = forge.Make();

        ProofVerdict verdict = forge.Verify(proof with { Enclaves = [.. proof.Enclaves.Where(e => e.Binding.Stages.Length == 1)] });

        Assert.Contains("there is no evidence of flights", AssertRefused(verdict, "proof.evidence"), StringComparison.Ordinal);
    }

    [Fact]
    public void Collateral_of_another_platform_or_none_is_refused()
    {
        using ProofForge forge = new(EvidenceKind.Sgx);
        using IntelForge other = new(tdx: false);
        Proof proof = forge.Make();
        ImmutableArray<byte> collateral = [.. other.Files()["collateral.json"].Span];

        AssertRefused(forge.Verify(proof with { Enclaves = [.. proof.Enclaves.Select(e => e with { Collateral = e.Collateral.SetItem("collateral.json", collateral) })] }), "proof.evidence");
        AssertRefused(forge.Verify(proof with { Enclaves = [.. proof.Enclaves.Select(e => e with { Collateral = e.Collateral.Clear() })] }), "proof.evidence");
    }

    [Fact]
    public void Hardware_is_not_believed_under_any_root_but_the_vendors()
    {
        using ProofForge forge = new(EvidenceKind.Sgx);

        AssertRefused(ProofVerifier.Verify(forge.Make(), new ProofQuestion { OwnerKey = forge.OwnerPublic }), "proof.evidence");
    }

    [Fact]
    public void A_manifest_of_another_owner_is_refused()
    {
        using ProofForge forge = new();
        using ProofForge other = new(owner: 2);

        AssertRefused(forge.Verify(forge.Make(), owner: other.OwnerPublic), "proof.owner");
        AssertRefused(forge.Verify(forge.Make() with { Manifests = other.Manifests() }), "proof.owner");
        AssertRefused(forge.Verify(forge.Make() with { Manifests = other.Manifests() }, owner: other.OwnerPublic), "proof.owner");
    }

    [Fact]
    public void A_chain_of_versions_holds_and_an_older_a_cut_or_an_unsigned_one_does_not()
    {
        using ProofForge forge = new() { Versions = 3 };
        Proof proof = forge.Make();
        using ProofForge old = new() { Versions = 3 };
        SignedManifest last = proof.Manifests[^1];

        Assert.Equal(ProofStatus.HoldsAsSimulation, forge.Verify(proof).Status);
        AssertRefused(forge.Verify(proof with { Manifests = proof.Manifests[..2] }), "proof.manifest");
        AssertRefused(forge.Verify(proof with { Manifests = proof.Manifests[1..] }), "proof.manifest");
        AssertRefused(forge.Verify(proof with { Manifests = proof.Manifests.SetItem(2, last with { Signatures = [] }) }), "proof.manifest");
        AssertRefused(forge.Verify(proof with { Manifests = proof.Manifests.SetItem(2, last with { Signatures = [last.Signatures[0] with { Value = [.. new byte[64]] }] }) }), "proof.manifest");
        AssertRefused(forge.Verify(proof with { Manifests = [] }), "proof.format");

        forge.Versions = 4;
        Assert.Contains("manifest.older", AssertRefused(forge.Verify(proof with { Manifests = forge.Manifests() }), "proof.manifest"), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> RefusingManifests => new()
    {
        { "revoked job", "proof.manifest" },
        { "expired", "proof.manifest" },
        { "revoked measurement", "proof.evidence" },
        { "other measurement", "proof.evidence" },
        { "no simulation", "proof.evidence" },
        { "other developer", "proof.evidence" },
        { "other inputs", "proof.evidence" },
    };

    [Theory]
    [MemberData(nameof(RefusingManifests))]
    public void What_the_manifest_does_not_accept_is_refused(string what, string check)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ProofForge forge = new()
        {
            ChangeManifest = m => what switch
            {
                "revoked job" => m with { Revoked = new ManifestRevocations { Job = true } },
                "expired" => m with { NotAfter = CertificateForge.Now },
                "revoked measurement" => m with { Revoked = new ManifestRevocations { Measurements = [string.Concat(Enumerable.Repeat("11", 32))] } },
                "other measurement" => m with { Stages = [.. m.Stages.Select(s => s with { Accepted = [s.Accepted[0] with { Values = s.Accepted[0].Values.SetItem("measurement", string.Concat(Enumerable.Repeat("12", 32))) }] })] },
                "no simulation" => m with { AllowSimulation = false },
                "other developer" => m with { Platforms = m.Platforms.SetItem(EvidenceKind.Simulation, new VerificationPolicy { SimulationKeys = [key.ExportSubjectPublicKeyInfo()] }) },
                _ => m with { Inputs = [new StreamId(1)] },
            },
        };

        AssertRefused(forge.Verify(forge.Make()), check);
    }

    [Fact]
    public void An_attestation_result_by_another_key_or_of_another_enclave_is_refused()
    {
        using ProofForge forge = new();
        using ProofForge other = new(owner: 2);
        Proof proof = forge.Make();
        EnclaveProof first = proof.Enclaves.Single(e => e.Binding.Stages.Length == 2);
        EnclaveProof second = proof.Enclaves.Single(e => e.Binding.Stages.Length == 1);
        string byOther = forge.Attest(0, proof.Manifests[^1], other.BrokerKey).Answer.Result;

        AssertRefused(forge.Verify(proof with { Enclaves = [first with { Result = byOther }, second] }), "proof.result");
        AssertRefused(forge.Verify(proof with { Enclaves = [first with { Result = second.Result }, second] }), "proof.result");
        AssertRefused(forge.Verify(proof with { Enclaves = [first with { Result = "" }, second] }), "proof.result");
    }

    [Fact]
    public void Inputs_that_evidence_or_statements_do_not_name_are_refused()
    {
        using ProofForge forge = new();
        Proof proof = forge.Make();
        ProofInput input = proof.Inputs[0];

        AssertRefused(forge.Verify(proof with { Inputs = [input with { Digest = new EndDigest(9, 9) }] }), "proof.inputs");
        AssertRefused(forge.Verify(proof with { Inputs = [input with { Digest = null }] }), "proof.inputs");
        AssertRefused(forge.Verify(proof with { Inputs = [input with { Stream = new StreamId(1) }] }), "proof.inputs");
        AssertRefused(forge.Verify(proof with { Inputs = [input, input] }), "proof.evidence");
        AssertRefused(forge.Verify(proof with { Inputs = [] }), "proof.evidence");

        forge.ChangeStatement = (enclave, s) => enclave == 0 ? s : s with { Inputs = [new SealedInput(forge.Stream, new EndDigest(9, 9))] };
        AssertRefused(forge.Verify(forge.Make()), "proof.inputs");
    }

    [Fact]
    public void Stages_in_the_open_are_named_as_not_proven()
    {
        using ProofForge forge = new(EvidenceKind.Sgx) { ChangeStatement = (_, s) => s with { OpenBefore = ["csv", "clean"], OpenBehind = ["top"] } };

        ProofVerdict verdict = forge.Verify(forge.Make());

        Assert.Equal(ProofStatus.Holds, verdict.Status);
        Assert.Contains("What came into the enclaves: it was read in the open by the stages 'csv', 'clean', and whoever ran that may have changed, added or left out rows.", verdict.NotProven);
        Assert.Contains("What became of the rows behind the enclaves: the stage 'top' worked on them in the open.", verdict.NotProven);
    }

    [Fact]
    public void The_owners_countersignature_dates_the_proof_and_nothing_else_than_this_proof()
    {
        using ProofForge forge = new(EvidenceKind.Sgx);
        using ProofForge other = new(owner: 2);
        Proof proof = forge.Make();
        DateTimeOffset at = CertificateForge.Now.AddDays(1);
        Proof stamped = proof with { OwnerTimestamps = [OwnerTimestamp.Sign(proof, at.AddMilliseconds(300), forge.OwnerKey)] };

        ProofVerdict verdict = forge.Verify(stamped);

        Assert.Equal(ProofStatus.Holds, verdict.Status);
        Assert.Contains("Its time: the owner signed that this proof was there on 2030-01-02 00:00:00 UTC.", verdict.Proven);
        Assert.DoesNotContain(verdict.NotProven, s => s.StartsWith("The date.", StringComparison.Ordinal));
        Assert.Equal(ProofStatus.Holds, forge.Verify(stamped with { Salt = [] }).Status);
        AssertRefused(forge.Verify(stamped with { OwnerTimestamps = [stamped.OwnerTimestamps[0] with { At = at.AddSeconds(1) }] }), "proof.time");
        AssertRefused(forge.Verify(proof with { OwnerTimestamps = [OwnerTimestamp.Sign(proof, at, other.OwnerKey)] }), "proof.time");
        forge.Run = new RunId(99);
        AssertRefused(forge.Verify(forge.Make() with { OwnerTimestamps = stamped.OwnerTimestamps }), "proof.time");
    }

    [Fact]
    public void A_builder_says_which_partitions_have_stated_nothing()
    {
        using ProofForge forge = new();
        SignedManifest manifest = forge.Manifests()[0];
        ProofBuilder builder = new([manifest], ProofForge.Plan, forge.Run);
        builder.Add(SignedStatement.Sign(forge.StatementOf(0, manifest), forge.EnclaveKeys[0]));

        Assert.Equal("the result cannot be proven: 1 of 2 partitions stated what they gave", builder.Build(ProofForge.Columns, ProofForge.Salt).Failure?.Message);
    }

    private static string AssertRefused(ProofVerdict verdict, string check)
    {
        Assert.Equal(ProofStatus.Fails, verdict.Status);
        Assert.Empty(verdict.Proven);
        Assert.Contains(check, verdict.Checks.Where(c => c.Outcome == ProofCheckOutcome.Fails).Select(c => c.Name));
        return verdict.Checks.First(c => c.Name == check).Words;
    }
}
