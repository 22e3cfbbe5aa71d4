using System.Globalization;
using System.Numerics;

namespace Culvert.Attestation;

/// <summary>
/// Whether a point is on P-256 or P-384 (NIST SP 800-186, 3.2.1): y² = x³ - 3x + b. Both curves have a prime order, so that a
/// point on one is a public key. Cheaper by far than to have the platform import a key that nobody may use.
/// </summary>
internal static class CurvePoint
{
    private static readonly Curve s_p256 = new(
        "0ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "05ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    private static readonly Curve s_p384 = new(
        "0fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "0b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    /// <summary>Coordinates are big-endian, both of 32 bytes for P-256, or of 48 for P-384.</summary>
    internal static bool IsOnCurve(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        Curve curve = x.Length == 32 ? s_p256 : s_p384;
        BigInteger abscissa = new(x, isUnsigned: true, isBigEndian: true);
        BigInteger ordinate = new(y, isUnsigned: true, isBigEndian: true);
        return abscissa < curve.Prime && ordinate < curve.Prime
            && (((ordinate * ordinate) - (abscissa * ((abscissa * abscissa) - 3)) - curve.B) % curve.Prime).IsZero;
    }

    private sealed record Curve(BigInteger Prime, BigInteger B)
    {
        internal Curve(string prime, string b)
            : this(BigInteger.Parse(prime, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), BigInteger.Parse(b, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
        {
        }
    }
}
