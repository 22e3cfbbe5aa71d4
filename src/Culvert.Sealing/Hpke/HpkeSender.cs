namespace Culvert.Sealing;

/// <summary>
/// Seals messages, in order, to the holder of one private key (RFC 9180, SetupBaseS and SetupPSKS). Not thread safe.
/// </summary>
public sealed class HpkeSender : IDisposable
{
    private readonly HpkeContext _context;

    private HpkeSender(HpkeContext context, HpkePublicKey encapsulation) => (_context, Encapsulation) = (context, encapsulation);

    /// <summary>What the receiver needs before the first message.</summary>
    public HpkePublicKey Encapsulation { get; }

    internal HpkeContext Context => _context;

    /// <summary>Begins with a fresh ephemeral key. <paramref name="info"/> (at most <see cref="Hpke.InfoBytesMax"/>) says what for: who opens says the same.</summary>
    public static HpkeSender Create(
        HpkePublicKey to, ReadOnlySpan<byte> info, IEntropy entropy, HpkePsk? psk = null, HpkeAead aead = HpkeAead.Aes256Gcm)
    {
        (Secret shared, HpkePublicKey encapsulation) = HpkeKem.Encapsulate(to, entropy);
        using (shared)
        {
            return new HpkeSender(HpkeContext.Schedule(aead, shared, info, psk), encapsulation);
        }
    }

    /// <summary>
    /// The next message: ciphertext and tag, 16 bytes longer than <paramref name="plaintext"/>, which has 1 to
    /// <see cref="Hpke.PlaintextBytesMax"/> bytes.
    /// </summary>
    /// <exception cref="InvalidOperationException">After <see cref="Hpke.MessagesMax"/> messages: a new sender is needed.</exception>
    public byte[] Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        ArgumentOutOfRangeException.ThrowIfZero(plaintext.Length, nameof(plaintext));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintext.Length, Hpke.PlaintextBytesMax, nameof(plaintext));
        if (_context.Sequence >= Hpke.MessagesMax)
        {
            throw new InvalidOperationException($"an HPKE sender seals {Hpke.MessagesMax} messages and no more; make a new one");
        }

        byte[] ciphertext = new byte[plaintext.Length + HpkeContext.TagBytes];
        _context.Seal(aad, plaintext, ciphertext);
        return ciphertext;
    }

    /// <summary>A secret that only both ends have, 1 to 8,160 bytes, for <paramref name="context"/> (RFC 9180, section 5.3).</summary>
    public Secret Export(ReadOnlySpan<byte> context, int length) => _context.Export(context, length);

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();
}
