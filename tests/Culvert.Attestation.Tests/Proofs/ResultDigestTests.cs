using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Attestation.Tests.Proofs;

public class ResultDigestTests
{
    private static readonly byte[] s_salt = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly BigInteger s_modulus = BigInteger.Pow(2, 3072) - 1103717;

    [Fact]
    public void It_is_the_product_of_the_rows_elements_modulo_the_prime()
    {
        string[] rows = ["a", "b", "b", "", new string('x', 5000)];

        BigInteger expected = rows.Select(Element).Aggregate(BigInteger.One, (product, element) => product * element % s_modulus);

        Assert.Equal(expected, new BigInteger(Of(rows).Product.AsSpan(), isUnsigned: true, isBigEndian: true));
        Assert.Equal(5, Of(rows).Rows);
    }

    [Fact]
    public void Products_of_numbers_at_the_edges_are_right()
    {
        BigInteger[] edges = [1, 2, s_modulus - 1, s_modulus - 2, BigInteger.Pow(2, 3072) - 1, s_modulus, s_modulus + 1, BigInteger.Pow(2, 3071), BigInteger.Pow(2, 64) - 1];
        foreach (BigInteger a in edges)
        {
            foreach (BigInteger b in edges)
            {
                RowProduct product = RowProduct.Of(Bytes(a));
                product.Multiply(Bytes(b));
                byte[] written = new byte[RowProduct.Bytes];
                product.WriteReduced(written);

                Assert.Equal(a * b % s_modulus, new BigInteger(written, isUnsigned: true, isBigEndian: true));
            }
        }
    }

    [Fact]
    public void Order_and_parting_do_not_matter()
    {
        string[] rows = [.. Enumerable.Range(0, 50).Select(i => $"row {i % 20}")];

        ResultDigest whole = Of(rows);
        ResultDigest parts = Of([.. rows.Where((_, i) => i % 3 == 0)]).With(Of([.. rows.Where((_, i) => i % 3 != 0).Reverse()]));

        Assert.Equal(whole, parts);
        Assert.Equal(whole, whole.With(ResultDigest.Empty));
    }

    [Fact]
    public void A_changed_missing_or_doubled_row_and_another_salt_give_another_digest()
    {
        string[] rows = ["a", "b", "c"];
        byte[] otherSalt = [.. s_salt];
        otherSalt[31] ^= 1;

        ResultDigest[] all = [Of(rows), Of(["a", "b", "d"]), Of(["a", "b"]), Of(["a", "b", "c", "c"]), Of(["a", "b", "b"]), Of(["ab", "c"]), Of(rows, otherSalt)];

        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all.Length, all.Select(d => Convert.ToHexString(d.Product.AsSpan())).Distinct().Count());
    }

    [Fact]
    public void As_many_copies_of_a_row_as_a_lane_of_16_bits_counts_do_not_vanish()
    {
        ResultDigest many = Of(["same"]);
        for (int i = 0; i < 16; i++)
        {
            many = many.With(many);
        }

        ResultDigest others = Of(["other"]);
        for (int i = 0; i < 16; i++)
        {
            others = others.With(others);
        }

        Assert.Equal(65_536, many.Rows);
        Assert.NotEqual(Convert.ToHexString(many.Product.AsSpan()), Convert.ToHexString(ResultDigest.Empty.Product.AsSpan()));
        Assert.NotEqual(many, others);
    }

    [Fact]
    public void A_builder_goes_on_from_where_another_was()
    {
        using ResultDigestBuilder second = new(s_salt, Of(["a", "b"]));
        second.Add("c"u8);

        Assert.Equal(Of(["a", "b", "c"]), second.Digest);
    }

    [Fact]
    public void It_is_read_as_it_was_written_and_in_no_other_form()
    {
        ArrayBufferWriter<byte> writer = new();
        Of(["a", "b"]).Write(writer);
        byte[] bytes = writer.WrittenSpan.ToArray();

        Assert.Equal(ResultDigest.SizeBytes, bytes.Length);
        Assert.Equal(Of(["a", "b"]), ResultDigest.Read(bytes).Value);
        Assert.NotNull(ResultDigest.Read(bytes.AsSpan(1)).Failure);
        Assert.NotNull(ResultDigest.Read([.. bytes, 0]).Failure);
        Assert.NotNull(ResultDigest.Read([.. new byte[ResultDigest.ProductBytes], .. bytes[ResultDigest.ProductBytes..]]).Failure);
        Assert.NotNull(ResultDigest.Read([.. Bytes(s_modulus), .. bytes[ResultDigest.ProductBytes..]]).Failure);
        Assert.NotNull(ResultDigest.Read([.. bytes[..ResultDigest.ProductBytes], .. Enumerable.Repeat((byte)0xFF, 8)]).Failure);
        Assert.Null(ResultDigest.Read([.. Bytes(s_modulus - 1), .. bytes[ResultDigest.ProductBytes..]]).Failure);
    }

    internal static ResultDigest Of(string[] rows, byte[]? salt = null)
    {
        using ResultDigestBuilder builder = new(salt ?? s_salt);
        foreach (string row in rows)
        {
            builder.Add(Encoding.UTF8.GetBytes(row));
        }

        return builder.Digest;
    }

    private static BigInteger Element(string row) => new(
        Shake256.HashData([.. "culvert v1 result row\0"u8, .. s_salt, .. Encoding.UTF8.GetBytes(row)], RowProduct.Bytes), isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger number)
    {
        byte[] bytes = new byte[RowProduct.Bytes];
        byte[] minimal = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        minimal.CopyTo(bytes, bytes.Length - minimal.Length);
        return bytes;
    }
}
