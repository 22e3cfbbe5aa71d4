namespace Culvert.Sealing;

/// <summary>
/// Opens what one <see cref="HpkeSender"/> sealed, in the same order (RFC 9180, SetupBaseR and SetupPSKR). Not thread safe.
/// </summary>
public sealed class HpkeReceiver : IDisposable
{
    private readonly HpkeContext _context;

    private HpkeReceiver(HpkeContext context) => _context = context;

    internal HpkeContext Context => _context;

    /// <summary>
    /// Begins from the sender's encapsulation, which is refused when it is no public key. That it was made for this key,
    /// <paramref name="info"/> and <paramref name="psk"/> shows when the first message opens.
    /// </summary>
    public static Outcome<HpkeReceiver> Create(
        HpkePrivateKey key, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, HpkePsk? psk = null, HpkeAead aead = HpkeAead.Aes256Gcm)
    {
        Outcome<HpkePublicKey> ephemeral = HpkePublicKey.TryRead(encapsulation);
        if (!ephemeral.Succeeded)
        {
            return ephemeral.Failure;
        }

        using Secret shared = HpkeKem.Decapsulate(ephemeral.Value, key);
        return new HpkeReceiver(HpkeContext.Schedule(aead, shared, info, psk));
    }

    /// <summary>
    /// The next message's plaintext, the caller's to dispose. A message that was altered, comes out of order or was sealed
    /// for another key, info, pre-shared key or <paramref name="aad"/> is an <see cref="FailureKind.Integrity"/> failure, after
    /// which the same message is still expected.
    /// </summary>
    public Outcome<Secret> Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length <= HpkeContext.TagBytes)
        {
            return new Failure(FailureKind.Malformed, $"an HPKE message has more than {HpkeContext.TagBytes} bytes, and this one {ciphertext.Length}");
        }

        if (ciphertext.Length > Hpke.PlaintextBytesMax + HpkeContext.TagBytes)
        {
            return new Failure(
                FailureKind.TooLarge,
                $"an HPKE message has at most {Hpke.PlaintextBytesMax + HpkeContext.TagBytes} bytes, and this one {ciphertext.Length}");
        }

        if (_context.Sequence >= Hpke.MessagesMax)
        {
            return new Failure(FailureKind.TooLarge, $"an HPKE receiver opens {Hpke.MessagesMax} messages and no more; the sender has to begin anew");
        }

        ulong sequence = _context.Sequence;
        return _context.Open(aad, ciphertext) is { } plaintext
            ? plaintext
            : new Failure(
                FailureKind.Integrity,
                $"HPKE message {sequence} does not open: it was altered or is out of order, or it was sealed for another key, purpose or pre-shared key");
    }

    /// <summary>A secret that only both ends have, 1 to 8,160 bytes, for <paramref name="context"/> (RFC 9180, section 5.3).</summary>
    public Secret Export(ReadOnlySpan<byte> context, int length) => _context.Export(context, length);

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();
}
