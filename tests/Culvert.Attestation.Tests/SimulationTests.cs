using System.Security.Cryptography;

namespace Culvert.Attestation.Tests;

public class SimulationTests
{
    private static readonly byte[] s_measurement = [.. Enumerable.Repeat((byte)0x11, 32)];
    private static readonly byte[] s_reportData = [.. Enumerable.Repeat((byte)0x22, 64)];

    [Fact]
    public void A_known_development_key_is_a_verified_simulation_and_never_affirming()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        VerificationPolicy policy = Samples.Accepting(("measurement", Convert.ToHexStringLower(s_measurement))) with
        {
            SimulationKeys = [key.ExportSubjectPublicKeyInfo()],
            ReportData = [.. s_reportData],
        };

        AttestationVerdict verdict = Verify(SimulationEvidence.Create(s_measurement, s_reportData, key), policy);

        Assert.True(verdict.IsVerifiedSimulation);
        Assert.Equal((AttestationStatus.Warning, Checks.SimulationHardware, AttestationScope.Workload), (verdict.Status, verdict.FailedCheck?.Check, verdict.Scope));
    }

    [Fact]
    public void A_key_that_nobody_named_another_measurement_or_report_data_are_no_verified_simulation()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] evidence = SimulationEvidence.Create(s_measurement, s_reportData, key);
        VerificationPolicy known = new() { SimulationKeys = [key.ExportSubjectPublicKeyInfo()] };

        Assert.Equal("simulation.key", Verify(evidence, VerificationPolicy.None).FailedCheck?.Check);
        Assert.False(Verify(evidence, VerificationPolicy.None).IsVerifiedSimulation);
        Assert.False(Verify(evidence, known with { ReportData = [1] }).IsVerifiedSimulation);
        Assert.False(Verify(evidence, known with { Measurements = Samples.Accepting(("measurement", "00")).Measurements }).IsVerifiedSimulation);
        Assert.True(Verify(evidence, known).IsVerifiedSimulation);
    }

    [Fact]
    public void Every_altered_byte_ends_it()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        VerificationPolicy known = new() { SimulationKeys = [key.ExportSubjectPublicKeyInfo()] };
        byte[] evidence = SimulationEvidence.Create(s_measurement, s_reportData, key);
        for (int i = 0; i < evidence.Length; i++)
        {
            evidence[i] ^= 0x10;
            Outcome<Evidence> found = Evidence.Detect(evidence);
            Assert.False(found.Succeeded && Verify(evidence, known).IsVerifiedSimulation, $"byte {i}");
            evidence[i] ^= 0x10;
        }
    }

    private static AttestationVerdict Verify(byte[] evidence, VerificationPolicy policy) =>
        Verifier.Verify(Evidence.Detect(evidence).Value, Collateral.None, DateTimeOffset.UnixEpoch, policy);
}
