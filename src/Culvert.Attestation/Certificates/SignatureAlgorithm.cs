using System.Formats.Asn1;

namespace Culvert.Attestation;

/// <summary>The signatures that certificates and revocation lists of the vendors bear. Nothing with SHA-1.</summary>
internal enum SignatureAlgorithm
{
    EcdsaSha256,
    EcdsaSha384,
    RsaPkcs1Sha256,
    RsaPkcs1Sha384,
    RsaPkcs1Sha512,

    /// <summary>RSASSA-PSS, SHA-384, MGF1 with SHA-384, 48 bytes of salt: AMD's.</summary>
    RsaPssSha384,
}

/// <summary>Reads AlgorithmIdentifier (RFC 5280, 4.1.1.2; RFC 4055 for PSS).</summary>
internal static class SignatureAlgorithms
{
    private const string Pss = "1.2.840.113549.1.1.10";
    private const string Mgf1 = "1.2.840.113549.1.1.8";
    private const string Sha384 = "2.16.840.1.101.3.4.2.2";

    /// <summary>Throws <see cref="AsnContentException"/> on what it does not know; callers turn that into a refusal.</summary>
    internal static SignatureAlgorithm Read(AsnReader from)
    {
        AsnReader identifier = from.ReadSequence();
        string oid = identifier.ReadObjectIdentifier();
        SignatureAlgorithm algorithm = oid switch
        {
            "1.2.840.10045.4.3.2" => SignatureAlgorithm.EcdsaSha256,
            "1.2.840.10045.4.3.3" => SignatureAlgorithm.EcdsaSha384,
            "1.2.840.113549.1.1.11" => SignatureAlgorithm.RsaPkcs1Sha256,
            "1.2.840.113549.1.1.12" => SignatureAlgorithm.RsaPkcs1Sha384,
            "1.2.840.113549.1.1.13" => SignatureAlgorithm.RsaPkcs1Sha512,
            Pss => SignatureAlgorithm.RsaPssSha384,
            _ => throw new AsnContentException($"signature algorithm {oid} is not accepted"),
        };

        if (oid == Pss)
        {
            ReadPssParameters(identifier.ReadSequence());
        }
        else if (algorithm is not (SignatureAlgorithm.EcdsaSha256 or SignatureAlgorithm.EcdsaSha384))
        {
            identifier.ReadNull();
        }

        identifier.ThrowIfNotEmpty();
        return algorithm;
    }

    private static void ReadPssParameters(AsnReader parameters)
    {
        AsnReader hash = parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        ReadSha384(hash);
        hash.ThrowIfNotEmpty();
        AsnReader mask = parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 1));
        AsnReader mgf = mask.ReadSequence();
        Require(mgf.ReadObjectIdentifier() == Mgf1, "mask generation");
        ReadSha384(mgf);
        mgf.ThrowIfNotEmpty();
        mask.ThrowIfNotEmpty();
        AsnReader salt = parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 2));
        Require(salt.TryReadInt32(out int saltBytes) && saltBytes == 48, "salt length");
        salt.ThrowIfNotEmpty();
        if (parameters.HasData)
        {
            AsnReader trailer = parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3));
            Require(trailer.TryReadInt32(out int field) && field == 1, "trailer field");
            trailer.ThrowIfNotEmpty();
        }

        parameters.ThrowIfNotEmpty();
    }

    private static void ReadSha384(AsnReader from)
    {
        AsnReader hash = from.ReadSequence();
        Require(hash.ReadObjectIdentifier() == Sha384, "hash");
        if (hash.HasData)
        {
            hash.ReadNull();
        }

        hash.ThrowIfNotEmpty();
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new AsnContentException($"RSASSA-PSS {what} is not AMD's");
        }
    }
}
