using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>The owner's word that a proof was there at a time.</summary>
/// <param name="At">When, in whole seconds.</param>
/// <param name="Signature">ECDSA on P-256 with SHA-256, 64 bytes.</param>
public sealed record OwnerTimestamp(DateTimeOffset At, ImmutableArray<byte> Signature)
{
    /// <summary>Signs with the owner's signing key, which stays the caller's. Fractions of a second are dropped.</summary>
    public static OwnerTimestamp Sign(Proof proof, DateTimeOffset at, ECDsa owner)
    {
        DateTimeOffset whole = DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds());
        byte[] signature = owner.SignData(SignedBytes(proof.Digest(), whole), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return new OwnerTimestamp(whole, [.. signature]);
    }

    /// <summary>Whether the owner (SubjectPublicKeyInfo) signed this of the proof with this digest.</summary>
    internal bool Holds(ReadOnlySpan<byte> proofDigest, ReadOnlyMemory<byte> owner) =>
        PublicKey.OfSubjectPublicKeyInfo(owner) is { Succeeded: true } key
        && key.Value.VerifiesFixed(SignedBytes(proofDigest, At), Signature.AsSpan(), HashAlgorithmName.SHA256);

    private static byte[] SignedBytes(ReadOnlySpan<byte> proofDigest, DateTimeOffset at)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Write("culvert v1 proof time\0"u8);
        writer.Write(proofDigest);
        writer.Int64(at.ToUnixTimeSeconds());
        return writer.WrittenSpan.ToArray();
    }
}
