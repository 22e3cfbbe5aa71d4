using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>Signs manifests: ECDSA on P-256 with SHA-256 over a label and the canonical form.</summary>
public static class ManifestSigning
{
    /// <summary>Bytes of a signature: r and s.</summary>
    public const int SignatureBytes = 64;

    /// <summary>A manifest with one signature; fails where no reader would accept it. The key is on P-256 and stays the caller's.</summary>
    public static Outcome<SignedManifest> Sign(Manifest manifest, ECDsa key)
    {
        Outcome<SignedManifest> unsigned = ManifestDocument.Of(manifest);
        return unsigned.Succeeded ? Add(unsigned.Value, key) : unsigned.Failure;
    }

    /// <summary>The same with one signature more, in the place of an earlier one by the same key.</summary>
    public static SignedManifest Add(SignedManifest signed, ECDsa key)
    {
        ImmutableArray<byte> publicKey = [.. key.ExportSubjectPublicKeyInfo()];
        if (!IsKey(publicKey))
        {
            throw new ArgumentException("manifests are signed by keys on P-256", nameof(key));
        }

        byte[] value = key.SignHash(signed.Digest.AsSpan(), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return signed with
        {
            Signatures = [.. signed.Signatures.Where(s => !s.Key.AsSpan().SequenceEqual(publicKey.AsSpan())), new ManifestSignature(publicKey, [.. value])],
        };
    }

    /// <summary>True for a public key that can sign: SubjectPublicKeyInfo, P-256.</summary>
    public static bool IsKey(ImmutableArray<byte> key) =>
        PublicKey.OfSubjectPublicKeyInfo(key.AsMemory()) is { Succeeded: true } read && read.Value.IsElliptic && read.Value.CoordinateBytes == 32;

    /// <summary>Whether a signature holds; the digest is that of the signed bytes.</summary>
    internal static bool Holds(ManifestSignature signature, ImmutableArray<byte> digest)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(signature.Key.AsSpan(), out _);
            return signature.Value.Length == SignatureBytes
                && key.VerifyHash(digest.AsSpan(), signature.Value.AsSpan(), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
