using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>A statement as an enclave signed it. Whose key it was, evidence has to tell.</summary>
/// <param name="Bytes">The statement's canonical bytes.</param>
/// <param name="Signature">ECDSA on P-256 with SHA-256 over them: r and s, 64 bytes.</param>
public sealed record SignedStatement(ImmutableArray<byte> Bytes, ImmutableArray<byte> Signature)
{
    /// <summary>Bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Signs a statement with an enclave's key, which stays the caller's.</summary>
    public static SignedStatement Sign(ResultStatement statement, ECDsa key)
    {
        byte[] bytes = statement.ToBytes();
        return new SignedStatement(
            [.. bytes], [.. key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)]);
    }

    /// <summary>The statement; refused when its bytes are none.</summary>
    public Outcome<ResultStatement> Read() => ResultStatement.FromBytes(Bytes.AsSpan());

    /// <summary>Whether the signature is by this key (SubjectPublicKeyInfo). A key that cannot be read has signed nothing.</summary>
    public bool IsBy(ReadOnlyMemory<byte> signingKey) =>
        Signature.Length == SignatureBytes
        && PublicKey.OfSubjectPublicKeyInfo(signingKey) is { Succeeded: true } key
        && key.Value.VerifiesFixed(Bytes.AsSpan(), Signature.AsSpan(), HashAlgorithmName.SHA256);
}
