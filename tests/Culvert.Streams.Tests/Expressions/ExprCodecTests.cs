using System.Buffers;
using Culvert.Streams.Expressions;
using Culvert.Streams.Tests.Kernels;

namespace Culvert.Streams.Tests.Expressions;

public class ExprCodecTests
{
    [Fact]
    public void What_is_written_is_read_and_written_the_same()
    {
        for (ulong seed = 0; seed < 500; seed++)
        {
            Expr expr = Rows.Translate(new RandomExpressions(seed).Lambda());
            Outcome<Expr> read = Expr.ReadCanonical(Bytes(expr));
            Assert.True(read.Succeeded, $"seed {seed}: {read.Failure?.Message}");
            Assert.True(expr.Equals(read.Value), $"seed {seed}: {expr}");
            Assert.Equal(expr.GetHashCode(), read.Value.GetHashCode());
            Assert.Equal(Bytes(expr), Bytes(read.Value));
            Assert.Equal(expr.ToString(), read.Value.ToString());
        }
    }

    [Fact]
    public void Bytes_that_were_altered_are_refused_or_are_canonical_for_what_they_say()
    {
        Random random = new(20_08);
        int refused = 0;
        for (int i = 0; i < 10_000; i++)
        {
            byte[] bytes = Bytes(Rows.Translate(new RandomExpressions((ulong)(i % 200)).Lambda()));
            switch (random.Next(3))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
                    break;
                case 1:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                default:
                    bytes = [.. bytes, (byte)random.Next(256)];
                    break;
            }

            Outcome<Expr> read = Expr.ReadCanonical(bytes);
            refused += read.Succeeded ? 0 : 1;
            Assert.True(!read.Succeeded || Bytes(read.Value).AsSpan().SequenceEqual(bytes), $"mutation {i}: {Convert.ToHexString(bytes)}");
        }

        Assert.InRange(refused, 7_000, 9_999);
    }

    [Fact]
    public void A_tower_of_operators_is_refused_before_the_stack_ends()
    {
        byte[] tower = [1, .. Enumerable.Repeat<byte[]>([3, 3], 1_000_000).SelectMany(b => b)];
        Assert.Equal(FailureKind.Malformed, Expr.ReadCanonical(tower).Failure?.Kind);
    }

    [Fact]
    public void The_golden_vectors_read_and_write_as_they_stand()
    {
        Schema schema = new(new Field("ArrDelay", new ColumnType(ValueKind.Int32, true)), new Field("UniqueCarrier", new ColumnType(ValueKind.Text)));
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "vectors", "expressions", "canonical.txt"));
        string[][] vectors = [.. lines.Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('\t'))];
        Assert.NotEmpty(vectors);
        foreach (string[] vector in vectors)
        {
            Expr expr = ExpressionParser.Parse(vector[0], schema).Value;
            Assert.Equal(vector[1], Convert.ToHexStringLower(Bytes(expr)));
            Assert.Equal(expr, Expr.ReadCanonical(Convert.FromHexString(vector[1])).Value);
        }
    }

    [Fact]
    public void Constants_are_equal_when_their_bits_are()
    {
        Assert.NotEqual(Expr.Constant(0.0), Expr.Constant(-0.0));
        Assert.Equal(Expr.Constant(double.NaN), Expr.Constant(double.NaN));
        Assert.NotEqual(Expr.Constant(1.0m), Expr.Constant(1.00m));
        Assert.Equal(Expr.Constant(new byte[] { 1 }), Expr.Constant(new byte[] { 1 }));
    }

    internal static byte[] Bytes(Expr expr)
    {
        ArrayBufferWriter<byte> writer = new();
        expr.WriteCanonical(writer);
        return writer.WrittenSpan.ToArray();
    }
}
