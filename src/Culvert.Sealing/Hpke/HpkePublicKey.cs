using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// A public key on P-256, uncompressed (SEC 1, section 2.3.3; RFC 9180, section 7.1.1): 04, x, y. Always a point of the curve.
/// Immutable; equal by value.
/// </summary>
public sealed class HpkePublicKey : IEquatable<HpkePublicKey>
{
    /// <summary>Bytes of a public key.</summary>
    public const int SizeBytes = 65;

    internal const int CoordinateBytes = 32;

    private const byte Uncompressed = 4;

    // FIPS 186-4, D.1.2.3: y^2 = x^3 - 3x + b modulo p.
    private static readonly BigInteger s_prime = Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger s_b = Hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    private readonly byte[] _bytes;

    private HpkePublicKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The 65 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>
    /// Reads a key that may come from an adversary: exactly 65 bytes, uncompressed, coordinates below the prime, on the curve.
    /// The curve has a prime order, so every such point is in the group and none is the identity.
    /// </summary>
    public static Outcome<HpkePublicKey> TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
        {
            return Malformed($"it has {bytes.Length} bytes, and not {SizeBytes}");
        }

        if (bytes[0] != Uncompressed)
        {
            return Malformed("it does not begin with 04, the mark of an uncompressed point");
        }

        BigInteger x = new(bytes.Slice(1, CoordinateBytes), isUnsigned: true, isBigEndian: true);
        BigInteger y = new(bytes[(1 + CoordinateBytes)..], isUnsigned: true, isBigEndian: true);
        if (x >= s_prime || y >= s_prime)
        {
            return Malformed("a coordinate is not below the curve's prime");
        }

        return (y * y - (x * x * x - 3 * x + s_b)) % s_prime == 0
            ? new HpkePublicKey(bytes.ToArray())
            : Malformed("the point is not on the curve");
    }

    /// <inheritdoc/>
    public bool Equals(HpkePublicKey? other) => other is not null && Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as HpkePublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>Hexadecimal: a public key is no secret.</summary>
    public override string ToString() => Convert.ToHexStringLower(_bytes);

    internal static HpkePublicKey Of(ECPoint point) => new([Uncompressed, .. point.X!, .. point.Y!]);

    internal ECPoint Point => new() { X = _bytes[1..(1 + CoordinateBytes)], Y = _bytes[(1 + CoordinateBytes)..] };

    private static Failure Malformed(string why) => new(FailureKind.Malformed, $"an HPKE public key on P-256 is expected: {why}");

    private static BigInteger Hex(string digits) => BigInteger.Parse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
