using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Culvert.Sealing;

namespace Culvert.KeyBroker;

/// <summary>
/// What a broker shows to its clients: a certificate by an authority whose key follows from the owner's secret, so that a client
/// who has <c>ca.pem</c> once knows the broker after every restart; or a certificate of the user's own. Thread safe.
/// </summary>
public sealed class BrokerCertificates : IDisposable
{
    // RFC 5280, 4.1.2.5: no end is known. The authority ends with the owner's secret.
    private static readonly DateTimeOffset s_authorityFrom = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_authorityTo = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    private static readonly TimeSpan s_leafLifetime = TimeSpan.FromDays(90);

    /// <summary>Clocks of clients differ.</summary>
    private static readonly TimeSpan s_leafEarlier = TimeSpan.FromHours(1);

    private readonly X509Certificate2? _authority;
    private readonly IReadOnlyList<string> _hosts = [];
    private readonly IClock? _clock;
    private readonly IEntropy? _entropy;
    private readonly Lock _lock = new();
    private X509Certificate2 _leaf;
    private DateTimeOffset _renewAt = DateTimeOffset.MaxValue;

    private BrokerCertificates(X509Certificate2 authority, IReadOnlyList<string> hosts, IClock clock, IEntropy entropy)
    {
        (_authority, _hosts, _clock, _entropy) = (authority, hosts, clock, entropy);
        _leaf = Issue(clock.UtcNow);
    }

    private BrokerCertificates(X509Certificate2 own) => _leaf = own;

    /// <summary>The authority's certificate as PEM, for clients; null where the user brought a certificate.</summary>
    public string? AuthorityPem => _authority is null ? null : _authority.ExportCertificatePem() + "\n";

    /// <summary>Certificates of the owner's own authority, for hosts by name or address.</summary>
    public static BrokerCertificates OfOwner(Secret owner, IReadOnlyList<string> hosts, IClock clock, IEntropy entropy)
    {
        ECDsa key = SigningKeys.OfBrokerAuthority(owner);
        CertificateRequest request = new($"CN=Culvert key broker {KeySchedule.KeyId(owner)}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        byte[] serial = SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..16];
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40);
        using X509Certificate2 bare = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), s_authorityFrom, s_authorityTo, serial);
        return new BrokerCertificates(bare.CopyWithPrivateKey(key), hosts, clock, entropy);
    }

    /// <summary>A certificate of the user's own, with its key, both PEM.</summary>
    public static Outcome<BrokerCertificates> OfFiles(string certificatePath, string keyPath)
    {
        try
        {
            return new BrokerCertificates(X509Certificate2.CreateFromPemFile(certificatePath, keyPath));
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"{certificatePath} with {keyPath}: {failure.Message}");
        }
    }

    /// <summary>What is shown now; made anew in time when it is the owner's authority's.</summary>
    internal X509Certificate2 Current()
    {
        lock (_lock)
        {
            if (_clock is not null && _clock.UtcNow >= _renewAt)
            {
                // The old one is left to the connections that use it.
                _leaf = Issue(_clock.UtcNow);
            }

            return _leaf;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _authority?.Dispose();
        _leaf.Dispose();
    }

    private X509Certificate2 Issue(DateTimeOffset now)
    {
        ECDsa key = SigningKeys.Generate(_entropy!);
        CertificateRequest request = new("CN=Culvert key broker", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        foreach (string host in _hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority!, true, false));
        byte[] serial = new byte[16];
        _entropy!.Fill(serial);
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40);
        using X509Certificate2 bare = request.Create(_authority!, now - s_leafEarlier, now + s_leafLifetime, serial);
        _renewAt = now + (s_leafLifetime / 2);
        return bare.CopyWithPrivateKey(key);
    }
}
