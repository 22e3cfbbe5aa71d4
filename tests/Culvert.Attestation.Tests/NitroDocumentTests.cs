using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests;

/// <summary>Nitro documents as older and newer hypervisors write them, by an AWS of the tests' own.</summary>
public class NitroDocumentTests
{
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    public void Lengths_may_be_stated_or_ended_by_a_break(bool payload, bool registers, bool bundle)
    {
        using NitroForge forge = new() { IndefinitePayload = payload, IndefiniteRegisters = registers, IndefiniteBundle = bundle };

        AttestationVerdict verdict = forge.Verify();

        Assert.Empty(verdict.Findings);
        Assert.Equal((EvidenceKind.AwsNitro, AttestationStatus.Affirming), (verdict.Kind, verdict.Status));
        Assert.Equal([1, 2, 3], verdict.ReportData);
        Assert.Equal(string.Concat(Enumerable.Repeat("a1", 48)), verdict.Measurements["pcr1"]);
        Assert.Equal(new string('0', 96), verdict.Measurements["pcr3"]);
    }

    [Theory]
    [InlineData("FF", "", "a break where a length was stated is no member")]
    [InlineData("", "FF", "nothing follows the map")]
    [InlineData("", "00", "nothing follows the map")]
    public void A_stated_length_is_kept_to_the_byte(string behindMembers, string behindPayload, string why)
    {
        using NitroForge forge = new() { BehindMembers = Convert.FromHexString(behindMembers), BehindPayload = Convert.FromHexString(behindPayload) };

        Assert.True(forge.Verify().FailedCheck?.Check == "nitro.document.format", why);
    }

    [Theory]
    [InlineData("656E6F6E6365F6", "", "a member may not be there twice")]
    [InlineData("656F74686572F6", "", "a member that AWS does not list")]
    [InlineData("656F74686572", "", "a name without a value")]
    [InlineData("", "FF", "one break ends a map")]
    public void What_a_break_ends_is_as_strict(string behindMembers, string behindPayload, string why)
    {
        using NitroForge forge = new() { IndefinitePayload = true, BehindMembers = Convert.FromHexString(behindMembers), BehindPayload = Convert.FromHexString(behindPayload) };

        Assert.True(forge.Verify().FailedCheck?.Check == "nitro.document.format", why);
    }

    [Fact]
    public void A_map_that_is_never_ended_is_refused_at_its_limit()
    {
        byte[] entries = [0xBF, .. Enumerable.Repeat((byte)0x01, 64)];
        CborReader reader = new(entries);

        CborEntries left = reader.BeginMap(4);
        int seen = 0;
        while (reader.TryNext(ref left))
        {
            reader.ReadUnsigned();
            reader.ReadUnsigned();
            seen++;
        }

        Assert.Equal(4, seen);
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Debug_mode_is_told_in_either_form()
    {
        using NitroForge forge = new() { IndefinitePayload = true, FirstRegister = 0 };

        Assert.Equal((AttestationStatus.Contraindicated, "nitro.debug"), (forge.Verify().Status, forge.Verify().FailedCheck?.Check));
    }

    [Fact]
    public void No_byte_of_a_document_with_breaks_may_be_altered()
    {
        using NitroForge forge = new() { IndefinitePayload = true, IndefiniteRegisters = true, IndefiniteBundle = true };
        byte[] document = forge.Document();
        VendorRoots roots = VendorRoots.BuiltIn with { Nitro = CertificateForge.Read(forge.Root) };
        List<int> affirmed = [];
        for (int i = 0; i < document.Length; i++)
        {
            byte[] altered = [.. document];
            altered[i] ^= (byte)(1 << (i % 8));
            Outcome<Evidence> evidence = Evidence.Detect(altered);
            if (evidence.Succeeded && Verifier.Verify(evidence.Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, roots).Status == AttestationStatus.Affirming)
            {
                affirmed.Add(i);
            }
        }

        Assert.Empty(affirmed);
    }
}
