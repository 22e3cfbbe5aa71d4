using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// Checks proofs (docs/specs/proof.md, "Checks") from the owner's public key and the vendors' roots alone. Pure: no clock, no
/// network; safe on any thread. Never throws for what a proof holds.
/// </summary>
public static class ProofVerifier
{
    /// <summary>Goes over all of a proof.</summary>
    public static ProofVerdict Verify(Proof proof, ProofQuestion question) => Verify(proof, question, VendorRoots.BuiltIn);

    internal static ProofVerdict Verify(Proof proof, ProofQuestion question, VendorRoots roots)
    {
        ProofFindings findings = new();
        findings.Add("proof.format", FormatOf(proof), $"job {proof.Job}, plan {proof.Plan.Short}, run {proof.Run}, throughout");
        findings.Add("proof.owner", OwnerOf(proof, question.OwnerKey), "the manifest is that of the owner whose key was given");
        EnclaveAppraisal enclaves = EnclaveAppraisal.Of(proof, question.OwnerKey, roots);
        enclaves.Tell(findings);
        StatementAppraisal statements = StatementAppraisal.Of(proof, enclaves);
        statements.Tell(findings);
        ResultAppraisal result = new(proof, question, statements);
        result.Tell(findings);
        return ProofWords.Conclude(proof, findings, enclaves, statements, result);
    }

    private static string? FormatOf(Proof proof)
    {
        if (proof.Manifests.IsEmpty || proof.Enclaves.IsEmpty)
        {
            return proof.Manifests.IsEmpty ? "there is no manifest" : "there is no enclave";
        }

        ImmutableArray<byte> job = ReleaseBinding.JobDigest(proof.Job);
        bool same = proof.Manifests.All(m => m.Manifest.Job == proof.Job)
            && proof.Manifests[^1].Manifest.Plan == proof.Plan
            && proof.Enclaves.All(e => e.Binding.Job.SequenceEqual(job) && e.Binding.Plan == proof.Plan && e.Binding.Run == proof.Run);
        return same ? null : "manifest, evidence and document name different jobs, plans or runs";
    }

    private static string? OwnerOf(Proof proof, ReadOnlyMemory<byte> ownerKey)
    {
        if (proof.Manifests.IsEmpty || !proof.Manifests[0].Manifest.OwnerKey.AsSpan().SequenceEqual(ownerKey.Span))
        {
            return "the manifest is another owner's: it names another key than the one that was given";
        }

        byte[] owner = SHA256.HashData(ownerKey.Span);
        return proof.Enclaves.All(e => e.Binding.Owner.AsSpan().SequenceEqual(owner)) ? null : "an enclave was attested for another owner";
    }
}

/// <summary>Checks as they are made.</summary>
internal sealed class ProofFindings
{
    private readonly ImmutableArray<ProofCheck>.Builder _checks = ImmutableArray.CreateBuilder<ProofCheck>();

    internal ImmutableArray<ProofCheck> Checks => _checks.ToImmutable();

    internal bool AnyFails => _checks.Any(c => c.Outcome == ProofCheckOutcome.Fails);

    /// <summary>A check that was made: it holds unless there is something wrong.</summary>
    internal void Add(string name, string? wrong, string holds) =>
        _checks.Add(new ProofCheck(name, wrong is null ? ProofCheckOutcome.Holds : ProofCheckOutcome.Fails, wrong ?? holds));

    internal void NotChecked(string name, string why) => _checks.Add(new ProofCheck(name, ProofCheckOutcome.NotChecked, why));
}
