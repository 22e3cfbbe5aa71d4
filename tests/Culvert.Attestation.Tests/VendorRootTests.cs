using System.Security.Cryptography;

namespace Culvert.Attestation.Tests;

public class VendorRootTests
{
    /// <summary>Fingerprints as the vendors publish them.</summary>
    [Fact]
    public void The_built_in_roots_are_the_vendors()
    {
        VendorRoots roots = VendorRoots.BuiltIn;

        Assert.Equal("44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3", Fingerprint(roots.Intel));
        Assert.Equal("641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b", Fingerprint(roots.Nitro));
        Assert.Equal(
            [
                "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd",
                "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1",
                "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a",
            ],
            roots.Amd.Select(root => Fingerprint(root.Ark)));
    }

    [Fact]
    public void Each_root_signs_itself_and_its_intermediates()
    {
        DateTimeOffset at = Samples.Time("2025-06-01");
        VendorRoots roots = VendorRoots.BuiltIn;

        Assert.All([roots.Intel, roots.Nitro, .. roots.Amd.Select(root => root.Ark)], root =>
            Assert.True(root.Key.Verifies(root.Signed.Span, root.Signature, root.Algorithm), root.SubjectName));
        Assert.All(roots.Amd, root =>
        {
            Assert.Null(CertificateChain.Verify([root.Ask], root.Ark, at, new VerificationMemory(), "ASK"));
            Assert.Null(CertificateChain.Verify([root.Asvk], root.Ark, at, new VerificationMemory(), "ASVK"));
            Assert.Equal($"ARK-{root.Product}", root.Ark.SubjectName);
            Assert.Equal($"SEV-{root.Product}", root.Ask.SubjectName);
            Assert.Equal($"SEV-VLEK-{root.Product}", root.Asvk.SubjectName);
        });
    }

    [Fact]
    public void One_products_intermediates_are_nothing_under_anothers_root()
    {
        VendorRoots roots = VendorRoots.BuiltIn;

        ChainFault? fault = CertificateChain.Verify([roots.Amd[0].Ask], roots.Amd[1].Ark, Samples.Time("2025-06-01"), new VerificationMemory(), "chain");

        Assert.Equal("issuer", fault?.Name);
    }

    /// <summary>No Turin report is public, but a chip's certificate is.</summary>
    [Fact]
    public void A_real_Turin_certificate_verifies_and_tells_its_parts()
    {
        Certificate vcek = Certificate.Parse(Samples.Bytes("roots", "turin-vcek-example.der"), "Turin VCEK").Value;
        AmdRoot turin = VendorRoots.BuiltIn.Amd[2];

        Assert.Null(CertificateChain.Verify([vcek, turin.Ask], turin.Ark, Samples.Time("2025-06-01"), new VerificationMemory(), "Turin"));
        Assert.Equal("expired", CertificateChain.Verify([vcek, turin.Ask], turin.Ark, Samples.Time("2031-11-07"), new VerificationMemory(), "Turin")?.Name);
        SnpCertificate content = SnpCertificate.Of(vcek, "Turin VCEK").Value;
        Assert.Equal((AmdProduct.Turin, 8), (content.Product, content.HardwareId.Length));
        Assert.NotNull(content.Tcb.Fmc);
    }

    private static string Fingerprint(Certificate certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.Raw.Span));
}
