namespace Culvert.Attestation.Tests;

/// <summary>The vectors were made from the specification by another program than Culvert.</summary>
public class SimulationVectorTests
{
    public static TheoryData<string> Vectors => [.. Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string Folder
    {
        get
        {
            string? at = AppContext.BaseDirectory;
            while (at is not null && !File.Exists(Path.Join(at, "Culvert.slnx")))
            {
                at = Path.GetDirectoryName(at);
            }

            return Path.Join(at ?? throw new InvalidOperationException("the tests are not inside the repository"), "tests", "vectors", "simulation-evidence");
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_vector_has_the_outcome_that_it_names(string vector)
    {
        Dictionary<string, string> lines = File.ReadLines(Path.Join(Folder, vector))
            .Where(line => !line.StartsWith('#'))
            .ToDictionary(line => line[..line.IndexOf(':', StringComparison.Ordinal)], line => line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        Evidence evidence = Samples.Of(new() { ["simulation.bin"] = Convert.FromHexString(lines["evidence"]) });
        VerificationPolicy policy = new() { SimulationKeys = [Convert.FromHexString(lines["key"])] };

        AttestationVerdict verdict = Verifier.Verify(evidence, Collateral.None, DateTimeOffset.UnixEpoch, policy);

        Assert.Equal(lines["check"], verdict.FailedCheck?.Check);
        Assert.Equal(vector == "good.txt", verdict.IsVerifiedSimulation);
    }
}
