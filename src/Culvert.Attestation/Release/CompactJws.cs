using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// JSON Web Signatures in compact form (RFC 7515, section 3.1) by ES256 (RFC 7518, section 3.4), and by nothing else: the header
/// has <c>alg</c>, <c>typ</c> and <c>kid</c>, and a reader takes no other.
/// </summary>
internal static class CompactJws
{
    internal const string Algorithm = "ES256";

    private const int SignatureBytes = 64;

    /// <summary>Signs a payload. <c>kid</c> is the key's thumbprint: SHA-256 of its SubjectPublicKeyInfo.</summary>
    internal static string Sign(ReadOnlySpan<byte> payload, ECDsa key)
    {
        string kid = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        string signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{Algorithm}}","typ":"JWT","kid":"{{kid}}"}"""))}.{Base64Url.EncodeToString(payload)}";
        byte[] signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The payload of what a key signed. <paramref name="key"/> is a SubjectPublicKeyInfo of P-256 that the caller trusts.</summary>
    internal static Outcome<byte[]> Verify(string jws, ReadOnlyMemory<byte> key, int bytesMax)
    {
        if (jws.Length > bytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"attestation result: {jws.Length} characters; at most {bytesMax} are read");
        }

        string[] parts = jws.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } payload || Decode(parts[2]) is not { } signature)
        {
            return new Failure(FailureKind.Malformed, "attestation result: not three parts in base64url with points between them");
        }

        Outcome<string> kid = ReadHeader(header);
        if (!kid.Succeeded)
        {
            return kid.Failure;
        }

        if (kid.Value != Base64Url.EncodeToString(SHA256.HashData(key.Span)))
        {
            return new Failure(FailureKind.Mismatch, "attestation result: signed by another key than the broker's");
        }

        Outcome<PublicKey> known = PublicKey.OfSubjectPublicKeyInfo(key);
        return !known.Succeeded ? known.Failure
            : known.Value.CoordinateBytes == 32 && signature.Length == SignatureBytes
                && known.Value.VerifiesFixed(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256)
            ? payload
            : new Failure(FailureKind.Integrity, "attestation result: the broker's signature does not hold");
    }

    private static Outcome<string> ReadHeader(byte[] header) => JsonFields.Read(header, "attestation result's header", root =>
    {
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (member.Name is not ("alg" or "typ" or "kid"))
            {
                throw new JsonException($"member {member.Name} is not known");
            }
        }

        return root.Text("alg") != Algorithm ? throw new JsonException($"alg is not {Algorithm}")
            : root.Text("typ") != "JWT" ? throw new JsonException("typ is not JWT")
            : root.Text("kid");
    });

    /// <summary>Base64url without padding, in its one form; null for anything else.</summary>
    private static byte[]? Decode(string text)
    {
        try
        {
            byte[] bytes = Base64Url.DecodeFromChars(text);
            return Base64Url.EncodeToString(bytes) == text ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
