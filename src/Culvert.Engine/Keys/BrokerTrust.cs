using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Culvert.Engine;

/// <summary>By which certificates a broker is known, and what was wrong with the last one that was refused. Thread safe.</summary>
internal sealed class BrokerTrust
{
    private readonly X509Certificate2Collection? _roots;
    private volatile SslPolicyErrors _errors;

    private BrokerTrust(X509Certificate2Collection? roots) => _roots = roots;

    /// <summary>Those of a file of certificates, PEM; null: what the system trusts. Refuses a file that is not there or holds none.</summary>
    internal static Outcome<BrokerTrust> In(string? authority)
    {
        if (authority is null)
        {
            return new BrokerTrust(null);
        }

        const string Which = "--broker-ca takes the ca.pem that the broker writes when it starts";
        if (!File.Exists(authority))
        {
            return new Failure(FailureKind.Missing, $"{authority}: there is no such file; {Which}");
        }

        X509Certificate2Collection roots = [];
        try
        {
            roots.ImportFromPemFile(authority);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return new Failure(FailureKind.Io, $"{authority} cannot be read as certificates in PEM: {failure.Message}");
        }

        return roots.Count > 0 ? new BrokerTrust(roots) : new Failure(FailureKind.Malformed, $"{authority}: there is no certificate in it; {Which}");
    }

    /// <summary>What a client checks. A certificate that .NET does not accept is not accepted here either; only the reason is kept.</summary>
    internal SslClientAuthenticationOptions Options()
    {
        SslClientAuthenticationOptions options = new()
        {
            RemoteCertificateValidationCallback = (_, _, _, errors) =>
            {
                _errors = errors;
                return errors == SslPolicyErrors.None;
            },
        };
        if (_roots is not null)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(_roots);
            options.CertificateChainPolicy = policy;
        }

        return options;
    }

    /// <summary>Why the last certificate was refused, and what to do; null when none was.</summary>
    internal string? WhyRefused() => _errors switch
    {
        SslPolicyErrors.None => null,
        SslPolicyErrors.RemoteCertificateNameMismatch => "its certificate names other hosts; 'culvert broker --name HOST' adds this one",
        _ when _roots is null => "its certificate is of no authority that this system trusts: name the broker's own by --broker-ca ca.pem, which it writes when it starts",
        _ => "its certificate is not of the authority in --broker-ca, which takes the ca.pem that this very broker writes when it starts",
    };
}
