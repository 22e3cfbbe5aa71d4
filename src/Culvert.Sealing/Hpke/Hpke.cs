namespace Culvert.Sealing;

/// <summary>
/// Hybrid public key encryption (RFC 9180), with the suite DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: how keys
/// reach an enclave. Anybody can seal to a public key; who sealed is known only from a pre-shared key, or from what is
/// inside. One message each here; <see cref="HpkeSender"/> and <see cref="HpkeReceiver"/> carry several. Thread safe.
/// </summary>
public static class Hpke
{
    /// <summary>Longest plaintext of one message: more than the keys of any plan.</summary>
    public const int PlaintextBytesMax = 1 << 26;

    /// <summary>Longest <c>info</c>: it names a purpose, and is hashed.</summary>
    public const int InfoBytesMax = 1 << 16;

    /// <summary>
    /// Messages of one context: with those of the greatest length, 2^48 blocks of AES, where GCM with nonces that never repeat
    /// still tells an adversary less than 2^-32. RFC 9180 would allow 2^96 - 1.
    /// </summary>
    public const ulong MessagesMax = 1UL << 32;

    /// <summary>How much longer than its plaintext a sealed message is: encapsulation and tag.</summary>
    public const int OverheadBytes = HpkeKem.EncapsulationBytes + HpkeContext.TagBytes;

    /// <summary>
    /// Seals 1 to <see cref="PlaintextBytesMax"/> bytes to the holder of a key: encapsulation (65 bytes), ciphertext, tag (16).
    /// Opens only with the same <paramref name="info"/> (what it is for, at most <see cref="InfoBytesMax"/>) and <paramref name="aad"/>.
    /// </summary>
    public static byte[] Seal(HpkePublicKey to, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, IEntropy entropy) =>
        SealWith(null, to, info, aad, plaintext, entropy);

    /// <summary>The same in PSK mode: opens only for a receiver that has <paramref name="psk"/> too, and so shows that the sender has it.</summary>
    public static byte[] Seal(
        HpkePublicKey to, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, HpkePsk psk, IEntropy entropy) =>
        SealWith(psk, to, info, aad, plaintext, entropy);

    /// <summary>What <see cref="Seal(HpkePublicKey, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, IEntropy)"/> sealed; the caller disposes it. Anything else is refused.</summary>
    public static Outcome<Secret> Open(HpkePrivateKey key, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> message) =>
        OpenWith(null, key, info, aad, message);

    /// <summary>The same in PSK mode.</summary>
    public static Outcome<Secret> Open(HpkePrivateKey key, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> message, HpkePsk psk) =>
        OpenWith(psk, key, info, aad, message);

    private static byte[] SealWith(
        HpkePsk? psk, HpkePublicKey to, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, IEntropy entropy)
    {
        using HpkeSender sender = HpkeSender.Create(to, info, entropy, psk);
        return [.. sender.Encapsulation.Bytes, .. sender.Seal(aad, plaintext)];
    }

    private static Outcome<Secret> OpenWith(
        HpkePsk? psk, HpkePrivateKey key, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> message)
    {
        if (message.Length <= OverheadBytes)
        {
            return new Failure(FailureKind.Malformed, $"a sealed message has more than {OverheadBytes} bytes, and this one {message.Length}");
        }

        if (message.Length > PlaintextBytesMax + OverheadBytes)
        {
            return new Failure(FailureKind.TooLarge, $"a sealed message has at most {PlaintextBytesMax + OverheadBytes} bytes, and this one {message.Length}");
        }

        Outcome<HpkeReceiver> begun = HpkeReceiver.Create(key, message[..HpkeKem.EncapsulationBytes], info, psk);
        if (!begun.Succeeded)
        {
            return begun.Failure;
        }

        using HpkeReceiver receiver = begun.Value;
        return receiver.Open(aad, message[HpkeKem.EncapsulationBytes..]);
    }
}
