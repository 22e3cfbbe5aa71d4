using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Culvert.Cli.Commands.Proofs;

/// <summary>
/// A time-stamping authority's token (RFC 3161, section 2.4.2): CMS signed data (RFC 5652) over the time and the hash of what was
/// stamped. DER only; one signer, who names his certificate in the signed attributes (RFC 5816). Parsing throws
/// <see cref="AsnContentException"/> or <see cref="CryptographicException"/>; nothing is believed before <see cref="IsSignedBy"/>.
/// </summary>
internal sealed class TimestampToken
{
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string TstInfo = "1.2.840.113549.1.9.16.1.4";
    private const string ContentType = "1.2.840.113549.1.9.3";
    private const string MessageDigest = "1.2.840.113549.1.9.4";
    private const string SigningCertificate = "1.2.840.113549.1.9.16.2.12";
    private const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";

    private static readonly Asn1Tag s_context0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag s_context1 = new(TagClass.ContextSpecific, 1, isConstructed: true);

    private readonly byte[] _content;
    private readonly byte[] _attributes;
    private readonly HashAlgorithmName _digest;
    private readonly string _signatureAlgorithm;
    private readonly byte[] _signature;

    private TimestampToken(ReadOnlyMemory<byte> encoded)
    {
        AsnReader data = Open(encoded).ReadSequence(s_context0).ReadSequence();
        data.ReadInteger();
        data.ReadSetOf();
        _content = ReadContent(data.ReadSequence());
        Certificates = ReadCertificates(data);
        if (data.PeekTag().HasSameClassAndValue(s_context1))
        {
            data.ReadEncodedValue(); // revocation lists
        }

        AsnReader signers = data.ReadSetOf();
        data.ThrowIfNotEmpty();
        AsnReader signer = signers.ReadSequence();
        signers.ThrowIfNotEmpty();
        signer.ReadInteger();
        signer.ReadEncodedValue(); // which certificate: the signed attribute says it so that nobody can exchange it
        _digest = HashOf(signer.ReadSequence().ReadObjectIdentifier());
        _attributes = signer.ReadEncodedValue().ToArray();
        _signatureAlgorithm = signer.ReadSequence().ReadObjectIdentifier();
        _signature = signer.ReadOctetString();
        (ImprintHash, Imprint, At) = ReadInfo(_content);
    }

    /// <summary>The certificates that came along; nobody vouches for them.</summary>
    internal X509Certificate2Collection Certificates { get; }

    /// <summary>How what was stamped was hashed.</summary>
    internal HashAlgorithmName ImprintHash { get; }

    /// <summary>The hash of what was stamped.</summary>
    internal byte[] Imprint { get; }

    /// <summary>When.</summary>
    internal DateTimeOffset At { get; }

    /// <summary>Reads a token that fills the bytes.</summary>
    internal static TimestampToken Read(ReadOnlyMemory<byte> encoded) => new(encoded);

    /// <summary>Whether a certificate's key signed all of this, and is the one that the signer named.</summary>
    internal bool IsSignedBy(X509Certificate2 certificate)
    {
        AsnReader attributes = new AsnReader(_attributes, AsnEncodingRules.DER).ReadSetOf(s_context0);
        bool isInfo = false, isDigest = false, isNamed = false;
        while (attributes.HasData)
        {
            AsnReader attribute = attributes.ReadSequence();
            string type = attribute.ReadObjectIdentifier();
            AsnReader values = attribute.ReadSetOf();
            attribute.ThrowIfNotEmpty();
            switch (type)
            {
                case ContentType:
                    isInfo = values.ReadObjectIdentifier() == TstInfo;
                    break;
                case MessageDigest:
                    isDigest = values.ReadOctetString().AsSpan().SequenceEqual(CryptographicOperations.HashData(_digest, _content));
                    break;
                case SigningCertificate or SigningCertificateV2:
                    isNamed |= Names(values.ReadSequence(), certificate, type == SigningCertificateV2);
                    break;
                default:
                    break;
            }
        }

        if (!isInfo || !isDigest || !isNamed)
        {
            return false;
        }

        byte[] signed = [.. _attributes];
        signed[0] = 0x31; // RFC 5652, section 5.4: as the SET that it is, not by its tag in here
        return Verifies(certificate, signed);
    }

    /// <summary>The hash of an algorithm's name; what is not SHA-2 is refused.</summary>
    internal static HashAlgorithmName HashOf(string oid) => oid switch
    {
        "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        _ => throw new CryptographicException($"its hash {oid} is none of SHA-256, SHA-384 and SHA-512"),
    };

    private static AsnReader Open(ReadOnlyMemory<byte> encoded)
    {
        AsnReader outer = new(encoded, AsnEncodingRules.DER);
        AsnReader content = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        return content.ReadObjectIdentifier() == SignedData ? content : throw new CryptographicException("it is no signed data");
    }

    private static byte[] ReadContent(AsnReader encapsulated) => encapsulated.ReadObjectIdentifier() == TstInfo
        ? encapsulated.ReadSequence(s_context0).ReadOctetString()
        : throw new CryptographicException("what is signed is no time stamp");

    private static X509Certificate2Collection ReadCertificates(AsnReader data)
    {
        X509Certificate2Collection certificates = [];
        if (data.PeekTag().HasSameClassAndValue(s_context0))
        {
            AsnReader set = data.ReadSetOf(skipSortOrderValidation: true, s_context0);
            while (set.HasData)
            {
                certificates.Add(X509CertificateLoader.LoadCertificate(set.ReadEncodedValue().Span));
            }
        }

        return certificates;
    }

    private static (HashAlgorithmName Hash, byte[] Imprint, DateTimeOffset At) ReadInfo(byte[] content)
    {
        AsnReader outer = new(content, AsnEncodingRules.DER);
        AsnReader info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        info.ReadInteger();
        info.ReadObjectIdentifier(); // under which policy: the reader trusts the authority or does not
        AsnReader imprint = info.ReadSequence();
        HashAlgorithmName hash = HashOf(imprint.ReadSequence().ReadObjectIdentifier());
        byte[] hashed = imprint.ReadOctetString();
        info.ReadInteger();
        return (hash, hashed, info.ReadGeneralizedTime());
    }

    /// <summary>ESSCertID or ESSCertIDv2 (RFC 5035): the first one is the signer's.</summary>
    private static bool Names(AsnReader attribute, X509Certificate2 certificate, bool isV2)
    {
        AsnReader id = attribute.ReadSequence().ReadSequence();
        HashAlgorithmName hash = !isV2 ? HashAlgorithmName.SHA1
            : id.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? HashOf(id.ReadSequence().ReadObjectIdentifier())
            : HashAlgorithmName.SHA256;
        return id.ReadOctetString().AsSpan().SequenceEqual(CryptographicOperations.HashData(hash, certificate.RawData));
    }

    private bool Verifies(X509Certificate2 certificate, byte[] signed)
    {
        using RSA? rsa = certificate.GetRSAPublicKey();
        using ECDsa? elliptic = certificate.GetECDsaPublicKey();
        string suffix = _digest == HashAlgorithmName.SHA256 ? "SHA256" : _digest == HashAlgorithmName.SHA384 ? "SHA384" : "SHA512";
        return _signatureAlgorithm switch
        {
            RsaEncryption or "1.2.840.113549.1.1.11" or "1.2.840.113549.1.1.12" or "1.2.840.113549.1.1.13" =>
                rsa is not null && IsOf(suffix) && rsa.VerifyData(signed, _signature, _digest, RSASignaturePadding.Pkcs1),
            "1.2.840.10045.4.3.2" or "1.2.840.10045.4.3.3" or "1.2.840.10045.4.3.4" =>
                elliptic is not null && IsOf(suffix) && elliptic.VerifyData(signed, _signature, _digest, DSASignatureFormat.Rfc3279DerSequence),
            _ => throw new CryptographicException($"its signature algorithm {_signatureAlgorithm} is not known"),
        };
    }

    /// <summary>The signature's hash is the digest's: two would be one too many to reason about.</summary>
    private bool IsOf(string hash) => _signatureAlgorithm switch
    {
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => hash == "SHA256",
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => hash == "SHA384",
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => hash == "SHA512",
        _ => true,
    };
}
