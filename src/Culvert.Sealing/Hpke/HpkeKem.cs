namespace Culvert.Sealing;

/// <summary>DHKEM(P-256, HKDF-SHA256) (RFC 9180, section 4.1): a secret that the holder of one private key can have.</summary>
internal static class HpkeKem
{
    /// <summary>KEM id of DHKEM(P-256, HKDF-SHA256).</summary>
    internal const ushort Id = 0x0010;

    /// <summary>Nenc: bytes of an encapsulation, which is the sender's ephemeral public key.</summary>
    internal const int EncapsulationBytes = HpkePublicKey.SizeBytes;

    private const int SharedSecretBytes = 32;

    /// <summary>What every label of the KEM begins with.</summary>
    internal static ReadOnlySpan<byte> SuiteId => [(byte)'K', (byte)'E', (byte)'M', Id >> 8, Id & 0xff];

    /// <summary>A fresh shared secret for the holder of <paramref name="to"/>, and what lets the holder find it.</summary>
    internal static (Secret Shared, HpkePublicKey Encapsulation) Encapsulate(HpkePublicKey to, IEntropy entropy)
    {
        using HpkePrivateKey ephemeral = HpkePrivateKey.Generate(entropy);
        return (SharedSecret(ephemeral, to, ephemeral.PublicKey, to), ephemeral.PublicKey);
    }

    /// <summary>The secret of an encapsulation.</summary>
    internal static Secret Decapsulate(HpkePublicKey encapsulation, HpkePrivateKey key) =>
        SharedSecret(key, encapsulation, encapsulation, key.PublicKey);

    private static Secret SharedSecret(HpkePrivateKey own, HpkePublicKey other, HpkePublicKey encapsulation, HpkePublicKey receiver)
    {
        using Secret product = own.Agree(other);
        using Secret extracted = LabeledHkdf.Extract(SuiteId, [], "eae_prk", product.Bytes);
        return LabeledHkdf.Expand(SuiteId, extracted, "shared_secret", [.. encapsulation.Bytes, .. receiver.Bytes], SharedSecretBytes);
    }
}
