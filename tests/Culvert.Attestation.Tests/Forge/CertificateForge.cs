using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Culvert.Attestation.Tests.Forge;

/// <summary>Makes certificates as vendors do, under roots of the tests' own.</summary>
internal static class CertificateForge
{
    internal static readonly DateTimeOffset From = new(2029, 1, 1, 0, 0, 0, TimeSpan.Zero);
    internal static readonly DateTimeOffset To = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When forged evidence is verified: certificates have no other idea of time than this.</summary>
    internal static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static int s_serials;

    internal static X509Certificate2 Authority(string name, ECDsa key, X509Certificate2? issuer = null) =>
        Make(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256), issuer, key, isAuthority: true);

    internal static X509Certificate2 Authority(string name, RSA key, X509Certificate2? issuer = null) =>
        Make(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA384, RSASignaturePadding.Pss), issuer, key, isAuthority: true);

    /// <summary>A leaf for an elliptic key. AMD's roots sign with RSASSA-PSS and SHA-384, all others with ECDSA and SHA-256.</summary>
    internal static X509Certificate2 Leaf(string name, ECDsa key, X509Certificate2 issuer, params X509Extension[] extensions)
    {
        bool rsa = issuer.GetRSAPublicKey() is not null;
        CertificateRequest request = new(new X500DistinguishedName($"CN={name}"), new System.Security.Cryptography.X509Certificates.PublicKey(key), rsa ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256);
        foreach (X509Extension extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        return Make(request, issuer, key, isAuthority: false);
    }

    /// <summary>A leaf for a key that is elsewhere, in a TPM for example; without its private key.</summary>
    internal static X509Certificate2 Leaf(string name, System.Security.Cryptography.X509Certificates.PublicKey key, X509Certificate2 issuer) =>
        Sign(new CertificateRequest(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256), issuer.SubjectName, issuer.GetECDsaPrivateKey()!, isAuthority: false);

    internal static byte[] Revocations(X509Certificate2 issuer, params X509Certificate2[] revoked) => Revocations(issuer, From, To, revoked);

    internal static byte[] Revocations(X509Certificate2 issuer, DateTimeOffset from, DateTimeOffset to, params X509Certificate2[] revoked)
    {
        CertificateRevocationListBuilder list = new();
        foreach (X509Certificate2 certificate in revoked)
        {
            list.AddEntry(certificate, from);
        }

        bool rsa = issuer.GetRSAPublicKey() is not null;
        return list.Build(issuer, 1, to, rsa ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256, rsa ? RSASignaturePadding.Pss : null, from);
    }

    internal static string Pem(params X509Certificate2[] chain) => string.Concat(chain.Select(certificate => certificate.ExportCertificatePem() + "\n"));

    internal static Certificate Read(X509Certificate2 certificate) => Certificate.Parse(certificate.RawData, "forged").Value;

    private static X509Certificate2 Make(CertificateRequest request, X509Certificate2? issuer, AsymmetricAlgorithm key, bool isAuthority)
    {
        AsymmetricAlgorithm signer = issuer is null ? key : (AsymmetricAlgorithm?)issuer.GetRSAPrivateKey() ?? issuer.GetECDsaPrivateKey()!;
        using X509Certificate2 bare = Sign(request, issuer?.SubjectName ?? request.SubjectName, signer, isAuthority);
        return key is RSA rsaKey ? bare.CopyWithPrivateKey(rsaKey) : bare.CopyWithPrivateKey((ECDsa)key);
    }

    private static X509Certificate2 Sign(CertificateRequest request, X500DistinguishedName issuer, AsymmetricAlgorithm signer, bool isAuthority)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(isAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        int number = Interlocked.Increment(ref s_serials);
        X509SignatureGenerator generator = signer is RSA rsa
            ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pss)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)signer);
        return request.Create(issuer, generator, From, To, [1, (byte)(number >> 8), (byte)number]);
    }
}
