using System.Buffers;
using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// The digest of a multiset of rows (docs/specs/proof.md, "Row digest"): the product of the rows' elements modulo a safe prime
/// of 3072 bits, and how many there are. Partitions digest their own rows, and whoever has them all multiplies, whatever the
/// order. Immutable.
/// </summary>
public sealed class ResultDigest : IEquatable<ResultDigest>
{
    /// <summary>Bytes of the product, big-endian.</summary>
    public const int ProductBytes = RowProduct.Bytes;

    /// <summary>Bytes as written: product, then the number of rows.</summary>
    public const int SizeBytes = ProductBytes + sizeof(long);

    internal ResultDigest(ImmutableArray<byte> product, long rows) => (Product, Rows) = (product, rows);

    /// <summary>Of no rows.</summary>
    public static ResultDigest Empty { get; } = Of(new RowProduct(), 0);

    /// <summary>How many rows, equal ones counted as often as they are.</summary>
    public long Rows { get; }

    /// <summary>The product, big-endian, below the modulus and above 0.</summary>
    public ImmutableArray<byte> Product { get; }

    /// <summary>The digest of both multisets together.</summary>
    public ResultDigest With(ResultDigest other)
    {
        RowProduct product = RowProduct.Of(Product.AsSpan());
        product.Multiply(RowProduct.Of(other.Product.AsSpan()));
        return Of(product, checked(Rows + other.Rows));
    }

    /// <summary>Writes <see cref="SizeBytes"/> bytes.</summary>
    public void Write(IBufferWriter<byte> writer)
    {
        writer.Write(Product.AsSpan());
        writer.Int64(Rows);
    }

    /// <summary>Reads what <see cref="Write"/> wrote: exactly those bytes; refuses a product that is not reduced, and counts below 0.</summary>
    public static Outcome<ResultDigest> Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
        {
            return new Failure(FailureKind.Malformed, $"a result's digest has {SizeBytes} bytes, and not {bytes.Length}");
        }

        FieldReader reader = new(bytes);
        ImmutableArray<byte> product = [.. reader.Take(ProductBytes)];
        long rows = reader.Int64();
        return RowProduct.IsReduced(product.AsSpan()) && rows >= 0
            ? new ResultDigest(product, rows)
            : new Failure(FailureKind.Malformed, "a result's digest is not below its modulus, or counts fewer rows than none");
    }

    /// <inheritdoc/>
    public bool Equals(ResultDigest? other) => other is not null && Rows == other.Rows && Product.AsSpan().SequenceEqual(other.Product.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ResultDigest);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rows, Product[^1], Product[^2]);

    internal static ResultDigest Of(RowProduct product, long rows)
    {
        byte[] bytes = new byte[ProductBytes];
        product.WriteReduced(bytes);
        return new ResultDigest([.. bytes], rows);
    }
}
