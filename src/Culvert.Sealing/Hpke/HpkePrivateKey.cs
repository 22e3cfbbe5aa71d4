using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// A private key of DHKEM(P-256, HKDF-SHA256) (RFC 9180, section 7.1), and the public key of it. The scalar is zeroed when it
/// is disposed. Thread safe until then.
/// </summary>
public sealed class HpkePrivateKey : IDisposable
{
    /// <summary>Least bytes to derive a key from: as many as a scalar has (RFC 9180, section 7.1.3).</summary>
    public const int InputBytesMin = ScalarBytes;

    private const int ScalarBytes = 32;

    // The order n of the group (FIPS 186-4, D.1.2.3).
    private static readonly byte[] s_order = Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    private readonly Secret _scalar;

    private HpkePrivateKey(Secret scalar)
    {
        _scalar = scalar;
        using ECDiffieHellman key = Import();
        PublicKey = HpkePublicKey.Of(key.ExportParameters(includePrivateParameters: false).Q);
    }

    /// <summary>What others seal to.</summary>
    public HpkePublicKey PublicKey { get; }

    internal ReadOnlySpan<byte> Scalar => _scalar.Bytes;

    /// <summary>A key that nobody has had before.</summary>
    public static HpkePrivateKey Generate(IEntropy entropy)
    {
        using Secret input = Secret.Random(entropy, ScalarBytes);
        return Derive(input.Bytes);
    }

    /// <summary>DeriveKeyPair (RFC 9180, section 7.1.3): the same key for the same bytes, of which there are 32 or more, all of them secret.</summary>
    public static HpkePrivateKey Derive(ReadOnlySpan<byte> inputKey)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputKey.Length, InputBytesMin, nameof(inputKey));
        using Secret extracted = LabeledHkdf.Extract(HpkeKem.SuiteId, [], "dkp_prk", inputKey);
        for (int counter = 0; counter <= byte.MaxValue; counter++)
        {
            Secret candidate = LabeledHkdf.Expand(HpkeKem.SuiteId, extracted, "candidate", [(byte)counter], ScalarBytes);
            if (IsScalar(candidate.Bytes))
            {
                return new HpkePrivateKey(candidate);
            }

            candidate.Dispose();
        }

        // Each candidate is out of range once in 2^32: 256 of them never are.
        throw new CryptographicException("no private key follows from these bytes");
    }

    /// <summary>The x coordinate of this key's product with a public key.</summary>
    internal Secret Agree(HpkePublicKey other)
    {
        using ECDiffieHellman own = Import();
        using ECDiffieHellman theirs = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = other.Point });
        using ECDiffieHellmanPublicKey point = theirs.PublicKey;
        byte[] product = own.DeriveRawSecretAgreement(point);
        try
        {
            return Secret.CopyOf(product);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(product);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scalar.Dispose();

    /// <summary>Never the scalar.</summary>
    public override string ToString() => "redacted";

    /// <summary>Whether 0 &lt; scalar &lt; n, in a time that does not depend on the scalar.</summary>
    internal static bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        int any = 0;
        int borrow = 0;
        for (int i = ScalarBytes - 1; i >= 0; i--)
        {
            any |= scalar[i];
            borrow = ((scalar[i] - s_order[i] - borrow) >> 8) & 1;
        }

        return (any != 0) & (borrow == 1);
    }

    private ECDiffieHellman Import()
    {
        byte[] scalar = GC.AllocateUninitializedArray<byte>(ScalarBytes, pinned: true);
        try
        {
            _scalar.Bytes.CopyTo(scalar);
            return ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }
}
