using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>What both ends have once they share a secret (RFC 9180, sections 5.1 to 5.3): a key, nonces in order, and exports.</summary>
internal sealed class HpkeContext : IDisposable
{
    internal const int TagBytes = 16;

    private const int NonceBytes = 12;
    private const ushort HkdfSha256 = 0x0001;
    private const byte ModeBase = 0;
    private const byte ModePsk = 1;

    private readonly byte[] _suite;
    private readonly AesGcm _cipher;

    private HpkeContext(byte[] suite, Secret key, Secret baseNonce, Secret exporter)
    {
        (_suite, Key, BaseNonce, Exporter) = (suite, key, baseNonce, exporter);
        _cipher = new AesGcm(key.Bytes, TagBytes);
    }

    internal Secret Key { get; }

    internal Secret BaseNonce { get; }

    internal Secret Exporter { get; }

    /// <summary>The number of the next message.</summary>
    internal ulong Sequence { get; set; }

    /// <summary>KeySchedule (RFC 9180, section 5.1).</summary>
    internal static HpkeContext Schedule(HpkeAead aead, Secret shared, ReadOnlySpan<byte> info, HpkePsk? psk)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(info.Length, Hpke.InfoBytesMax, nameof(info));
        int keyBytes = aead switch
        {
            HpkeAead.Aes128Gcm => 16,
            HpkeAead.Aes256Gcm => 32,
            _ => throw new ArgumentOutOfRangeException(nameof(aead)),
        };
        byte[] suite = [.. "HPKE"u8, HpkeKem.Id >> 8, HpkeKem.Id & 0xff, HkdfSha256 >> 8, HkdfSha256 & 0xff, 0, (byte)aead];
        using Secret idHash = LabeledHkdf.Extract(suite, [], "psk_id_hash", psk is null ? [] : psk.Id);
        using Secret infoHash = LabeledHkdf.Extract(suite, [], "info_hash", info);
        byte[] context = [psk is null ? ModeBase : ModePsk, .. idHash.Bytes, .. infoHash.Bytes];

        using Secret secret = LabeledHkdf.Extract(suite, shared.Bytes, "secret", psk is null ? [] : psk.Key.Bytes);
        return new HpkeContext(
            suite,
            LabeledHkdf.Expand(suite, secret, "key", context, keyBytes),
            LabeledHkdf.Expand(suite, secret, "base_nonce", context, NonceBytes),
            LabeledHkdf.Expand(suite, secret, "exp", context, LabeledHkdf.HashBytes));
    }

    internal Secret Export(ReadOnlySpan<byte> context, int length) => LabeledHkdf.Expand(_suite, Exporter, "sec", context, length);

    /// <summary>Seals under the next nonce; <paramref name="destination"/> takes the ciphertext and the tag.</summary>
    internal void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Nonce(nonce);
        _cipher.Encrypt(nonce, plaintext, destination[..plaintext.Length], destination[plaintext.Length..], aad);
        Sequence++;
    }

    /// <summary>Opens under the next nonce; null when the bytes are not what was sealed there, and the next nonce stays.</summary>
    internal Secret? Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext)
    {
        byte[] nonce = new byte[NonceBytes];
        Nonce(nonce);
        byte[] aadBytes = aad.ToArray();
        byte[] body = ciphertext[..^TagBytes].ToArray();
        byte[] tag = ciphertext[^TagBytes..].ToArray();
        try
        {
            Secret plaintext = Secret.Create(body.Length, output => _cipher.Decrypt(nonce, body, tag, output, aadBytes));
            Sequence++;
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _cipher.Dispose();
        Key.Dispose();
        BaseNonce.Dispose();
        Exporter.Dispose();
    }

    /// <summary>ComputeNonce: the base nonce, xored with the sequence number.</summary>
    private void Nonce(Span<byte> nonce)
    {
        BaseNonce.Bytes.CopyTo(nonce);
        Span<byte> last = nonce[^sizeof(ulong)..];
        BinaryPrimitives.WriteUInt64BigEndian(last, BinaryPrimitives.ReadUInt64BigEndian(last) ^ Sequence);
    }
}
