namespace Culvert.Storage.Tests.Erasure;

public sealed unsafe class FieldKernelTests
{
    /// <summary>Around every register's width, several of them, and lengths that leave each remainder.</summary>
    private const int LengthMax = 1000;

    private const byte Untouched = 0xa5;

    public static TheoryData<FieldKernel> Kernels => [.. FieldKernels.Supported];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_product_is_that_of_polynomials(FieldKernel kernel)
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];
        byte[] product = new byte[256];
        for (int constant = 0; constant < 256; constant++)
        {
            byte factor = (byte)constant;
            fixed (byte* from = all, to = product)
            {
                byte* input = from;
                byte* output = to;
                new DotProducts(&factor, &input, 1, &output, 1, 256).Compute(kernel);
            }

            int multiplied = constant;
            Assert.Equal(all.Select(b => Product((byte)multiplied, b)), product);
        }
    }

    [Fact]
    public void Every_element_but_zero_has_an_inverse()
    {
        Assert.All(Enumerable.Range(1, 255), a => Assert.Equal(1, Product((byte)a, ErasureField.Inverse((byte)a))));
        Assert.Throws<InvariantViolationException>(() => ErasureField.Inverse(0));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    [InlineData(4, 7)]
    [InlineData(5, 6)]
    public void All_kernels_give_the_same_bytes_for_every_length_and_touch_no_others(int inputs, int outputs)
    {
        byte[] constants = ErasureSamples.Bytes(inputs * outputs, inputs + outputs);
        for (int length = 0; length <= LengthMax; length++)
        {
            // Of no alignment: each block begins at another odd place.
            byte[][] from = [.. Enumerable.Range(0, inputs).Select(i => ErasureSamples.Bytes(length + 67, (length * 31) + i))];
            byte[][] expected = Run(FieldKernel.Scalar, constants, from, outputs, length);
            if (length % 97 == 0)
            {
                Assert.Equal(ByDefinition(constants, from, outputs, length), expected);
            }

            foreach (FieldKernel kernel in FieldKernels.Supported)
            {
                byte[][] got = Run(kernel, constants, from, outputs, length);
                for (int i = 0; i < outputs; i++)
                {
                    Assert.True(expected[i].AsSpan().SequenceEqual(got[i]), $"{kernel}, output {i} of length {length}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Long_blocks_of_any_alignment_are_those_of_the_scalar_kernel(FieldKernel kernel)
    {
        foreach (int length in (int[])[4096, 65_537, (1 << 20) - 1, 1 << 20])
        {
            byte[] constants = ErasureSamples.Bytes(9, length);
            byte[][] from = [.. Enumerable.Range(0, 3).Select(i => ErasureSamples.Bytes(length + 67, i))];

            byte[][] expected = Run(FieldKernel.Scalar, constants, from, 3, length);
            byte[][] got = Run(kernel, constants, from, 3, length);

            Assert.All(Enumerable.Range(0, 3), i => Assert.True(expected[i].AsSpan().SequenceEqual(got[i])));
        }
    }

    [Fact]
    public void The_scalar_kernel_is_everywhere_and_the_best_is_the_last()
    {
        Assert.Contains(FieldKernel.Scalar, FieldKernels.Supported);
        Assert.Equal(FieldKernels.Supported.Max(), FieldKernels.Best);
        Assert.All(FieldKernels.Supported, kernel => Assert.True(FieldKernels.IsSupported(kernel)));
    }

    [Fact]
    public void A_kernel_that_nobody_has_is_refused()
    {
        Assert.False(FieldKernels.IsSupported((FieldKernel)99));
        Assert.Throws<PlatformNotSupportedException>(() => new ErasureCode(2, 4, (FieldKernel)99));
    }

    /// <summary>The outputs, each with what lies around it.</summary>
    private static byte[][] Run(FieldKernel kernel, byte[] constants, byte[][] from, int outputs, int length)
    {
        byte[][] to = [.. Enumerable.Range(0, outputs).Select(_ => new byte[length + 67])];
        foreach (byte[] output in to)
        {
            Array.Fill(output, Untouched);
        }

        byte** inputPointers = stackalloc byte*[from.Length];
        byte** outputPointers = stackalloc byte*[outputs];
        Pin(from, 0, inputPointers);
        return to;

        void Pin(byte[][] blocks, int next, byte** pointers)
        {
            if (next < blocks.Length)
            {
                fixed (byte* pinned = blocks[next])
                {
                    pointers[next] = pinned + 1 + (2 * next);
                    Pin(blocks, next + 1, pointers);
                }
            }
            else if (pointers == inputPointers)
            {
                Pin(to, 0, outputPointers);
            }
            else
            {
                fixed (byte* constant = constants)
                {
                    new DotProducts(constant, inputPointers, from.Length, outputPointers, outputs, length).Compute(kernel);
                }
            }
        }
    }

    private static byte[][] ByDefinition(byte[] constants, byte[][] from, int outputs, int length)
    {
        byte[][] to = [.. Enumerable.Range(0, outputs).Select(_ => new byte[length + 67])];
        for (int i = 0; i < outputs; i++)
        {
            Array.Fill(to[i], Untouched);
            for (int t = 0; t < length; t++)
            {
                to[i][1 + (2 * i) + t] = (byte)Enumerable.Range(0, from.Length).Aggregate(
                    0, (sum, j) => sum ^ Product(constants[(i * from.Length) + j], from[j][1 + (2 * j) + t]));
            }
        }

        return to;
    }

    /// <summary>Multiplication by the definition: the product of polynomials, then its remainder by 0x11D.</summary>
    private static byte Product(byte a, byte b)
    {
        int product = 0;
        for (int i = 0; i < 8; i++)
        {
            product ^= ((b >> i) & 1) * (a << i);
        }

        for (int i = 14; i >= 8; i--)
        {
            product ^= ((product >> i) & 1) * (0x11d << (i - 8));
        }

        return (byte)product;
    }
}
