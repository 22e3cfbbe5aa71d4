using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>
/// Digests rows one by one, under a run's salt; without the salt a digest tells nothing of the rows. Its state is a
/// <see cref="ResultDigest"/>, from which it can go on elsewhere. Not thread safe. Erases its copy of the salt when disposed.
/// </summary>
public sealed class ResultDigestBuilder : IDisposable
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltBytes = Secret.KeyBytes;

    private readonly RowProduct _product;
    private readonly byte[] _element = new byte[RowProduct.Bytes];
    private byte[] _row = GC.AllocateUninitializedArray<byte>(1024, pinned: true);
    private long _rows;

    /// <summary>Begins with no rows, or with those of <paramref name="from"/>. The salt has <see cref="SaltBytes"/> bytes and is copied.</summary>
    public ResultDigestBuilder(ReadOnlySpan<byte> salt, ResultDigest? from = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, SaltBytes);
        if (!Shake256.IsSupported)
        {
            throw new PlatformNotSupportedException("result digests need SHAKE256: OpenSSL 1.1.1 or newer");
        }

        _product = from is null ? new RowProduct() : RowProduct.Of(from.Product.AsSpan());
        _rows = from?.Rows ?? 0;
        Label.CopyTo(_row);
        salt.CopyTo(_row.AsSpan(Label.Length));
    }

    /// <summary>The digest of the rows so far.</summary>
    public ResultDigest Digest => ResultDigest.Of(_product, _rows);

    private static ReadOnlySpan<byte> Label => "culvert v1 result row\0"u8;

    private static int PrefixBytes => Label.Length + SaltBytes;

    /// <summary>What a statement names a salt by.</summary>
    public static byte[] CommitmentOf(ReadOnlySpan<byte> salt) => SHA256.HashData([.. "culvert v1 result salt\0"u8, .. salt]);

    /// <summary>Adds a row, given as its canonical bytes.</summary>
    public void Add(ReadOnlySpan<byte> row)
    {
        int length = checked(PrefixBytes + row.Length);
        if (_row.Length < length)
        {
            Grow(length);
        }

        row.CopyTo(_row.AsSpan(PrefixBytes));
        Shake256.HashData(_row.AsSpan(0, length), _element);
        _product.Multiply(_element);
        _rows = checked(_rows + 1);
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_row);

    private void Grow(int length)
    {
        byte[] grown = GC.AllocateUninitializedArray<byte>(checked((int)Math.Min(Array.MaxLength, 2L * length)), pinned: true);
        _row.AsSpan(0, PrefixBytes).CopyTo(grown);
        CryptographicOperations.ZeroMemory(_row);
        _row = grown;
    }
}
