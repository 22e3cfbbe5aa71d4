namespace Culvert.Sealing;

/// <summary>
/// Shamir's secret sharing (A. Shamir, How to share a secret, 1979; docs/specs/secret-sharing.md): any threshold of the shares
/// give the secret back, and fewer are independent of it. Its time depends on numbers and lengths, never on values. A share
/// that was altered gives another secret and no failure: whoever takes shares from strangers checks them, or what comes out.
/// </summary>
public static class SecretSharing
{
    /// <summary>Most shares of a set: the elements of the field but zero.</summary>
    public const int CountMax = 255;

    /// <summary>
    /// New shares of a secret, numbered from 1; the caller disposes them, and keeps <paramref name="secret"/>.
    /// </summary>
    /// <param name="secret">Of any length; a share is as long.</param>
    /// <param name="threshold">How many shares give it back, from 1 (each share is the secret) to <paramref name="count"/>.</param>
    /// <param name="count">How many shares, up to <see cref="CountMax"/>.</param>
    /// <param name="entropy">Gives <paramref name="threshold"/> - 1 times the secret's length.</param>
    public static SecretShare[] Split(Secret secret, int threshold, int count, IEntropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, CountMax);
        Secret[] coefficients = new Secret[threshold - 1];
        int drawn = 0;
        try
        {
            for (; drawn < coefficients.Length; drawn++)
            {
                coefficients[drawn] = Secret.Random(entropy, secret.Length);
            }

            SecretShare[] shares = new SecretShare[count];
            for (int number = 1; number <= count; number++)
            {
                shares[number - 1] = new SecretShare(number, Evaluate(secret, coefficients, (byte)number));
            }

            return shares;
        }
        finally
        {
            foreach (Secret coefficient in coefficients.AsSpan(0, drawn))
            {
                coefficient.Dispose();
            }
        }
    }

    /// <summary>
    /// The secret, the caller's to dispose. <paramref name="shares"/> are at least as many as the threshold, in any order, all
    /// of one set, which only the caller can know: with fewer, or with an altered one, another secret comes out.
    /// </summary>
    /// <exception cref="ArgumentException">There is no share, one number twice, or they differ in length.</exception>
    public static Secret Combine(params ReadOnlySpan<SecretShare> shares) => ValueAt(shares, 0);

    /// <summary>
    /// The share of another number, or of one of these, as <see cref="Split"/> made it: so that a lost one is replaced. Under
    /// the conditions of <see cref="Combine"/>; the caller disposes it.
    /// </summary>
    public static SecretShare Rebuild(int number, params ReadOnlySpan<SecretShare> shares)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, CountMax);
        return new SecretShare(number, ValueAt(shares, (byte)number));
    }

    /// <summary>The polynomials' values at x, by Horner's rule.</summary>
    private static Secret Evaluate(Secret constant, Secret[] coefficients, byte x) => Secret.Create(constant.Length, values =>
    {
        for (int power = coefficients.Length; power >= 0; power--)
        {
            ReadOnlySpan<byte> coefficient = power == 0 ? constant.Bytes : coefficients[power - 1].Bytes;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (byte)(GaloisField.Multiply(values[i], x) ^ coefficient[i]);
            }
        }
    });

    /// <summary>Lagrange's formula: the values at x of the polynomials through the shares' points.</summary>
    private static Secret ValueAt(ReadOnlySpan<SecretShare> shares, byte x)
    {
        int length = Check(shares);
        SecretShare[] points = shares.ToArray();
        return Secret.Create(length, values =>
        {
            foreach (SecretShare share in points)
            {
                (byte above, byte below) = (1, 1);
                foreach (SecretShare other in points.Where(other => other.Number != share.Number))
                {
                    above = GaloisField.Multiply(above, (byte)(x ^ other.Number));
                    below = GaloisField.Multiply(below, (byte)(share.Number ^ other.Number));
                }

                byte weight = GaloisField.Multiply(above, GaloisField.Inverse(below));
                ReadOnlySpan<byte> value = share.Value.Bytes;
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] ^= GaloisField.Multiply(weight, value[i]);
                }
            }
        });
    }

    private static int Check(ReadOnlySpan<SecretShare> shares)
    {
        if (shares.IsEmpty)
        {
            throw new ArgumentException("there is no share", nameof(shares));
        }

        HashSet<int> numbers = [];
        foreach (SecretShare share in shares)
        {
            if (!numbers.Add(share.Number))
            {
                throw new ArgumentException($"share {share.Number} is given twice", nameof(shares));
            }

            if (share.Value.Length != shares[0].Value.Length)
            {
                throw new ArgumentException($"shares {shares[0].Number} and {share.Number} differ in length", nameof(shares));
            }
        }

        return shares[0].Value.Length;
    }
}
