namespace Culvert.Sealing;

/// <summary>
/// What sender and receiver share beforehand, for HPKE's PSK mode (RFC 9180, section 5.1.2): a message opens only for a
/// receiver that has it too, and only with the same <see cref="Id"/>. Thread safe.
/// </summary>
public sealed class HpkePsk
{
    /// <summary>RFC 9180, section 9.5: a pre-shared key has at least 32 bytes of entropy.</summary>
    public const int KeyBytesMin = 32;

    /// <summary>Longest key and longest id; both are hashed whole.</summary>
    public const int BytesMax = 1024;

    private readonly byte[] _id;

    /// <summary>A pre-shared key, which stays the caller's to dispose, and its name, which is not secret and not empty.</summary>
    public HpkePsk(Secret key, ReadOnlySpan<byte> id)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, KeyBytesMin, nameof(key));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, BytesMax, nameof(key));
        ArgumentOutOfRangeException.ThrowIfZero(id.Length, nameof(id));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id.Length, BytesMax, nameof(id));
        Key = key;
        _id = id.ToArray();
    }

    /// <summary>Which key it is.</summary>
    public ReadOnlySpan<byte> Id => _id;

    internal Secret Key { get; }
}
