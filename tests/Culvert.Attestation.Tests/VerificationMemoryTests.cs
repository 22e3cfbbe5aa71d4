using System.Security.Cryptography;
using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests;

/// <summary>What is remembered makes verdicts sooner, and never other ones.</summary>
public class VerificationMemoryTests
{
    [Theory]
    [InlineData("intel-sgx-v3-a")]
    [InlineData("intel-tdx-v5-a")]
    public void A_verdict_is_the_same_cold_and_warm_and_dates_are_asked_each_time(string sample)
    {
        Evidence evidence = Samples.Evidence(sample);
        VendorRoots roots = VendorRoots.BuiltIn with { Memory = new VerificationMemory() };

        byte[] cold = Document(evidence, "2025-07-01", roots);
        byte[] late = Document(evidence, "2025-08-01", roots);

        Assert.Equal(cold, Document(evidence, "2025-07-01", roots));
        Assert.Equal(late, Document(evidence, "2025-08-01", roots));
        Assert.Equal(Document(evidence, "2025-08-01", VendorRoots.BuiltIn with { Memory = new VerificationMemory() }), late);
        Assert.NotEqual(cold, late);
    }

    [Fact]
    public void A_chain_that_holds_under_one_root_is_nothing_under_another()
    {
        using IntelForge forge = new(tdx: true);
        VendorRoots own = forge.Roots with { Memory = new VerificationMemory() };
        Evidence evidence = Samples.Of(forge.Files());

        AttestationVerdict first = Verifier.Verify(evidence, Collateral.None, CertificateForge.Now, VerificationPolicy.None, own);
        AttestationVerdict second = Verifier.Verify(evidence, Collateral.None, CertificateForge.Now, VerificationPolicy.None, VendorRoots.BuiltIn with { Memory = own.Memory });

        Assert.Equal((AttestationStatus.Affirming, AttestationStatus.Contraindicated), (first.Status, second.Status));
    }

    [Fact]
    public void Another_key_text_or_signature_is_another_question()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] data = [1, 2, 3];
        byte[] signature = key.SignData(data, HashAlgorithmName.SHA256);
        VerificationMemory memory = new();

        Assert.True(memory.VerifiesFixedSha256(Public(key), data, signature));
        Assert.True(memory.VerifiesFixedSha256(Public(key), data, signature));
        Assert.False(memory.VerifiesFixedSha256(Public(other), data, signature));
        Assert.False(memory.VerifiesFixedSha256(Public(key), [1, 2, 4], signature));
        signature[5] ^= 1;
        Assert.False(memory.VerifiesFixedSha256(Public(key), data, signature));
        Assert.False(memory.VerifiesFixedSha256(Public(key), data, signature));
    }

    [Fact]
    public void A_text_that_is_read_again_is_not_parsed_again_and_keeps_its_value_when_the_callers_bytes_change()
    {
        VerificationMemory memory = new();
        byte[] text = [1, 2, 3];
        int parsed = 0;

        byte[] first = memory.Read(text, Parse).Value;
        byte[] second = memory.Read(text, Parse).Value;
        text[0] = 9;

        Assert.Same(first, second);
        Assert.Equal([1, 2, 3], first);
        Assert.Equal([9, 2, 3], memory.Read(text, Parse).Value);
        Assert.Equal(2, parsed);

        Outcome<byte[]> Parse(ReadOnlyMemory<byte> from)
        {
            parsed++;
            return from.ToArray();
        }
    }

    [Fact]
    public void Refusals_and_what_is_too_long_are_not_kept()
    {
        VerificationMemory memory = new();
        int parsed = 0;
        byte[] tooLong = new byte[VerificationMemory.TextBytesMax + 1];

        for (int i = 0; i < 2; i++)
        {
            memory.Read<byte[]>(new byte[] { 1 }, _ => { parsed++; return new Failure(FailureKind.Malformed, "no"); });
            memory.Read<byte[]>(tooLong, from => { parsed++; return from.ToArray(); });
        }

        Assert.Equal(4, parsed);
    }

    [Fact]
    public void The_oldest_texts_make_room()
    {
        VerificationMemory memory = new();
        int parsed = 0;
        for (int i = 0; i <= VerificationMemory.TextsMax; i++)
        {
            memory.Read<byte[]>(new byte[] { (byte)i, 7 }, from => { parsed++; return from.ToArray(); });
        }

        memory.Read<byte[]>(new byte[] { 0, 7 }, from => { parsed++; return from.ToArray(); });

        Assert.Equal(VerificationMemory.TextsMax + 2, parsed);
    }

    private static byte[] Document(Evidence evidence, string at, VendorRoots roots) =>
        VerdictDocument.Write(Verifier.Verify(evidence, Collateral.None, Samples.Time(at), VerificationPolicy.None, roots));

    private static PublicKey Public(ECDsa key)
    {
        ECPoint point = key.ExportParameters(false).Q;
        return PublicKey.OfPoint(point.X, point.Y).Value;
    }
}
