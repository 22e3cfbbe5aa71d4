using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// One share of an owner's secret (docs/specs/key-share.md): <see cref="Threshold"/> of a set give it back, fewer tell nothing.
/// </summary>
public sealed class KeyShare : IDisposable
{
    /// <summary>Most shares of a set: the elements of the field but zero.</summary>
    public const int CountMax = SecretSharing.CountMax;

    /// <summary>Longest text of a share in bytes.</summary>
    public const int BytesMax = KeyTextReader.BytesMax;

    internal KeyShare(OwnerKeyId keyId, ulong setId, int number, int count, int threshold, Secret value) =>
        (KeyId, SetId, Number, Count, Threshold, Value) = (keyId, setId, number, count, threshold, value);

    /// <summary>The key that the set gives back.</summary>
    public OwnerKeyId KeyId { get; }

    /// <summary>Random for each backup: only shares of one set fit together.</summary>
    public ulong SetId { get; }

    /// <summary>Which of the set it is, from 1.</summary>
    public int Number { get; }

    /// <summary>How many shares the set has.</summary>
    public int Count { get; }

    /// <summary>How many give back the key.</summary>
    public int Threshold { get; }

    internal Secret Value { get; }

    /// <summary>Whether a text says of itself that it is a share, of any version.</summary>
    public static bool IsShare(ReadOnlySpan<byte> text) => KeyTextReader.Starts(text, KeyTextReader.KeyShareMark);

    /// <summary>Reads a share's text; the bytes stay the caller's to zero.</summary>
    public static Outcome<KeyShare> Read(ReadOnlySpan<byte> text)
    {
        KeyTextReader reader = new(text, KeyTextReader.KeyShareMark);
        Span<byte> keyId = stackalloc byte[OwnerKeyId.SizeBytes];
        Span<byte> setId = stackalloc byte[sizeof(ulong)];
        Span<byte> value = stackalloc byte[Secret.KeyBytes];
        try
        {
            reader.Hex("key-id", keyId, grouped: true);
            reader.Hex("set-id", setId, grouped: true);
            int number = reader.Number("share", 1, CountMax);
            int count = reader.Number("shares", Math.Max(number, 1), CountMax);
            int threshold = reader.Number("threshold", 1, Math.Max(count, 1));
            reader.Hex("value", value, grouped: true);
            reader.End(grouped: true);
            return reader.Failure is { } failure ? failure : new KeyShare(
                OwnerKeyId.FromBytes(keyId), BinaryPrimitives.ReadUInt64BigEndian(setId), number, count, threshold, Secret.CopyOf(value));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(value);
        }
    }

    /// <summary>The share's text, the caller's to dispose.</summary>
    public Secret Write()
    {
        Span<byte> setId = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(setId, SetId);
        using KeyTextWriter writer = new(KeyTextReader.KeyShareMark);
        writer.Hex("key-id", KeyId.ToBytes(), grouped: true);
        writer.Hex("set-id", setId, grouped: true);
        writer.Number("share", Number);
        writer.Number("shares", Count);
        writer.Number("threshold", Threshold);
        writer.Hex("value", Value.Bytes, grouped: true);
        return writer.End(grouped: true);
    }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();
}
