using System.Text;
using Culvert.Attestation.Tests.Manifests;

namespace Culvert.Attestation.Tests.Proofs;

/// <summary>Proofs that stay as they are, one flaw each: what was refused once is refused for ever, and what held holds.</summary>
public class ProofVectorTests
{
    public static TheoryData<string> Vectors => [.. Directory.GetFiles(RepositoryFolder.Of("tests", "vectors", "proof"), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_vector_has_the_outcome_that_it_names(string vector)
    {
        string[] parts = File.ReadAllText(RepositoryFolder.Of("tests", "vectors", "proof", vector + ".txt")).Split("---\n", 2);
        Dictionary<string, string> lines = parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(line => line[..line.IndexOf(": ", StringComparison.Ordinal)], line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
        Outcome<Proof> proof = ProofDocument.Read(Encoding.UTF8.GetBytes(parts[1]));
        if (lines["expect"] == "proof.format" && !proof.Succeeded)
        {
            Assert.StartsWith("proof.format: ", proof.Failure.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Null(proof.Failure);
        ResultClaim claim = new("result", proof.Value.Salt.IsEmpty ? null : ResultDigestTests.Of(lines["result"].Split('|'), [.. proof.Value.Salt]), null);
        ProofVerdict verdict = ProofVerifier.Verify(proof.Value, new ProofQuestion { OwnerKey = Convert.FromBase64String(lines["owner"]), Result = claim });

        if (lines["expect"] == "holds-as-simulation")
        {
            Assert.Empty(verdict.Checks.Where(c => c.Outcome == ProofCheckOutcome.Fails));
            Assert.Equal(ProofStatus.HoldsAsSimulation, verdict.Status);
        }
        else
        {
            Assert.Equal(ProofStatus.Fails, verdict.Status);
            Assert.Contains(lines["expect"], verdict.Checks.Where(c => c.Outcome == ProofCheckOutcome.Fails).Select(c => c.Name));
        }
    }
}
