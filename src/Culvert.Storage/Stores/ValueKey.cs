using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// A new value's key, and what the clouds or the descriptor get of it. Its material is the key and the coefficients of its shares, so
/// that an upload that is resumed sends the same shares.
/// </summary>
internal sealed class ValueKey : IDisposable
{
    private readonly SecretShare[] _shares;

    private ValueKey(ValueId value, Secret key, SecretShare[] shares) => (Value, Key, _shares) = (value, key, shares);

    internal ValueId Value { get; }

    internal Secret Key { get; }

    /// <summary>Bytes of material.</summary>
    internal static int MaterialBytes(UnitKeyMode mode, Quorum quorum) => Secret.KeyBytes * (mode == UnitKeyMode.Shared ? quorum.OneCorrect : 1);

    /// <summary>From material; mode <see cref="UnitKeyMode.None"/> has a key that nothing is sealed with.</summary>
    internal static ValueKey Of(ValueId value, UnitKeyMode mode, Quorum quorum, ReadOnlySpan<byte> material)
    {
        Secret key = Secret.CopyOf(material[..Secret.KeyBytes]);
        SecretShare[] shares = mode == UnitKeyMode.Shared
            ? SecretSharing.Split(key, quorum.OneCorrect, quorum.Clouds, new Coefficients(material[Secret.KeyBytes..].ToArray()))
            : [];
        return new ValueKey(value, key, shares);
    }

    /// <summary>A slot's share; empty when there are none.</summary>
    internal ReadOnlySpan<byte> Share(int slot) => _shares.Length == 0 ? default : _shares[slot].Value.Bytes;

    internal IReadOnlyList<ContentDigest> Commitments() =>
        [.. _shares.Select((share, slot) => BlockObject.CommitmentTo(Value, slot, share.Value.Bytes))];

    /// <summary>The key for each reader.</summary>
    internal IReadOnlyList<WrappedKey> Wrap(StoreId store, IEnumerable<HpkePublicKey> readers, IEntropy entropy) =>
        [.. readers.DistinctBy(reader => reader.ToString()).Select(reader => new WrappedKey(
            VerifyingKey.IdOf(reader.Bytes), Hpke.Seal(reader, WrapInfo(store), WrapData(Value), Key.Bytes, entropy)))];

    /// <summary>The key that a sealed value's descriptor holds for a reader; <see cref="FailureKind.Missing"/>: it holds none.</summary>
    internal static Outcome<Secret> Unwrap(StoreId store, UnitName unit, ValueDescriptor descriptor, HpkePrivateKey reading)
    {
        UInt128 id = VerifyingKey.IdOf(reading.PublicKey.Bytes);
        if (descriptor.Wraps.FirstOrDefault(wrap => wrap.Reader == id) is not { } wrapped)
        {
            return new Failure(FailureKind.Missing, $"{unit}: its key was not wrapped for this reader; the owner lets readers in ('store member add'), to older versions by --rekey");
        }

        Outcome<Secret> key = Hpke.Open(reading, WrapInfo(store), WrapData(descriptor.Value), wrapped.Message.Span);
        return key.Succeeded && key.Value.Length != Secret.KeyBytes ? new Failure(FailureKind.Malformed, $"{unit}: a key of {key.Value.Length} bytes was wrapped") : key;
    }

    internal static byte[] WrapInfo(StoreId store)
    {
        byte[] id = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(id, store.Value);
        return [.. "culvert v1 unit key"u8, 0, .. id];
    }

    internal static byte[] WrapData(ValueId value)
    {
        byte[] id = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(id, value.Value);
        return id;
    }

    public void Dispose()
    {
        Key.Dispose();
        foreach (SecretShare share in _shares)
        {
            share.Dispose();
        }
    }

    /// <summary>Gives out what was drawn before.</summary>
    private sealed class Coefficients(byte[] drawn) : IEntropy
    {
        private int _used;

        public void Fill(Span<byte> destination)
        {
            drawn.AsSpan(_used, destination.Length).CopyTo(destination);
            _used += destination.Length;
        }
    }
}
