using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Culvert.Attestation;

namespace Culvert.Cli.Commands.Proofs;

/// <summary>
/// Time stamps by RFC 3161: asking for them, and judging them by the authority's certificates that the user trusts. Revocation
/// is not looked up: that needs a network.
/// </summary>
internal sealed class TimestampTokens : ITimestampVerifier
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    /// <summary>RFC 3161, section 2.3: the certificate's only purpose.</summary>
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private const int FileBytesMax = 1 << 20;

    private readonly X509Certificate2Collection _trusted;

    private TimestampTokens(X509Certificate2Collection trusted) => _trusted = trusted;

    /// <summary>Trusts the certificates of a PEM file.</summary>
    internal static TimestampTokens Trusting(string path)
    {
        X509Certificate2Collection trusted = [];
        try
        {
            trusted.ImportFromPem(System.Text.Encoding.Latin1.GetString(ProofFiles.Read(path, FileBytesMax)));
        }
        catch (CryptographicException)
        {
            // Said below.
        }

        return trusted.Count > 0 ? new TimestampTokens(trusted) : throw CommandFailedException.Usage($"{path} holds no certificate in PEM");
    }

    /// <summary>The query (TimeStampReq, DER) that asks an authority to stamp a proof, and for its certificate.</summary>
    internal static byte[] Query(Proof proof)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Sha256);
                }

                writer.WriteOctetString(SHA256.HashData(proof.Digest()));
            }

            writer.WriteBoolean(true);
        }

        return writer.Encode();
    }

    /// <summary>The token of an authority's response (TimeStampResp), if it is of this proof. Whose it is, is judged when the proof is verified.</summary>
    internal static Outcome<byte[]> Accept(Proof proof, byte[] response)
    {
        try
        {
            AsnReader outer = new(response, AsnEncodingRules.DER);
            AsnReader answer = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            AsnReader status = answer.ReadSequence();
            if (!status.TryReadInt32(out int granted) || granted is not (0 or 1) || !answer.HasData)
            {
                return new Failure(FailureKind.Missing, $"the authority refused to stamp (status {granted})");
            }

            byte[] token = answer.ReadEncodedValue().ToArray();
            TimestampToken read = TimestampToken.Read(token);
            return IsOf(read, proof.Digest())
                ? token
                : new Failure(FailureKind.Mismatch, "the time stamp is of something else than this proof");
        }
        catch (Exception failure) when (failure is AsnContentException or CryptographicException)
        {
            return new Failure(FailureKind.Malformed, $"this is no response of a time-stamping authority (RFC 3161): {failure.Message}");
        }
    }

    /// <inheritdoc/>
    public Outcome<TimestampWord> Verify(ReadOnlyMemory<byte> token, ReadOnlySpan<byte> stamped)
    {
        try
        {
            TimestampToken read = TimestampToken.Read(token);
            if (!IsOf(read, stamped))
            {
                return new Failure(FailureKind.Mismatch, "it is of something else than this proof");
            }

            X509Certificate2? signer = read.Certificates.Concat(_trusted).FirstOrDefault(read.IsSignedBy);
            return signer is null ? new Failure(FailureKind.Integrity, "its signature does not hold, or the signer's certificate is missing")
                : IsVouchedFor(signer, read) ? new TimestampWord(read.At, NameOf(signer))
                : new Failure(FailureKind.Integrity, $"it is by '{NameOf(signer)}', whom the given certificates do not vouch for as a time-stamping authority at that time");
        }
        catch (Exception failure) when (failure is AsnContentException or CryptographicException)
        {
            return new Failure(FailureKind.Malformed, failure.Message);
        }
    }

    private static bool IsOf(TimestampToken token, ReadOnlySpan<byte> stamped) =>
        token.ImprintHash == HashAlgorithmName.SHA256 && token.Imprint.AsSpan().SequenceEqual(SHA256.HashData(stamped));

    private static string NameOf(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    private bool IsVouchedFor(X509Certificate2 signer, TimestampToken token)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_trusted);
        chain.ChainPolicy.ExtraStore.AddRange(token.Certificates);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = token.At.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));

        // A certificate without an extended key usage may serve for anything; an authority's has to say that it serves for this.
        return chain.Build(signer)
            && signer.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(e => e.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == TimeStamping));
    }
}
