namespace Culvert.Sealing;

/// <summary>
/// GF(2^8) with the polynomial of AES (FIPS 197, section 4). Sums are exclusive or. The time does not depend on the values:
/// nothing is looked up or branched upon.
/// </summary>
internal static class GaloisField
{
    private const int Polynomial = 0x11b;

    internal static byte Multiply(byte a, byte b)
    {
        int product = 0;
        int shifted = a;
        for (int i = 0; i < 8; i++)
        {
            product ^= -((b >> i) & 1) & shifted;
            shifted = (shifted << 1) ^ (-(shifted >> 7) & Polynomial);
        }

        return (byte)product;
    }

    /// <summary>1/a, which is a^254; 0 for 0.</summary>
    internal static byte Inverse(byte a)
    {
        byte power = a;
        byte inverse = 1;
        for (int i = 1; i < 8; i++)
        {
            power = Multiply(power, power);
            inverse = Multiply(inverse, power);
        }

        return inverse;
    }
}
