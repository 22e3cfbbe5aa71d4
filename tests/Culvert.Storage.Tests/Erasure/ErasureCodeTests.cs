namespace Culvert.Storage.Tests.Erasure;

public sealed class ErasureCodeTests
{
    public static TheoryData<FieldKernel> Kernels => [.. FieldKernels.Supported];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 5)]
    [InlineData(3, 7)]
    [InlineData(4, 10)]
    [InlineData(6, 9)]
    public void Any_k_of_n_blocks_restore_data_of_any_length(int dataBlocks, int blocks)
    {
        Random random = new(blocks);
        foreach (FieldKernel kernel in FieldKernels.Supported)
        {
            ErasureCode code = new(dataBlocks, blocks, kernel);
            foreach (int length in (int[])[0, 1, 2, 3, 5, 17, 64, 127, 128, 129, 999, random.Next(1000), random.Next(100_000)])
            {
                byte[] data = ErasureSamples.Bytes(length, length);
                byte[][] all = ErasureSamples.Encode(code, data);
                foreach (int[] chosen in ErasureSamples.Choices(dataBlocks, blocks))
                {
                    random.Shuffle(chosen);
                    byte[] restored = ErasureSamples.Reconstruct(code, ErasureSamples.Choose(all, chosen), length);
                    Assert.True(data.AsSpan().SequenceEqual(restored), $"{kernel}, blocks {string.Join(' ', chosen)}, {length} bytes");
                }
            }
        }
    }

    [Theory]
    [InlineData(2, 255)]
    [InlineData(17, 40)]
    [InlineData(128, 255)]
    [InlineData(200, 255)]
    [InlineData(255, 255)]
    public void Wide_codes_restore_from_choices_at_random(int dataBlocks, int blocks)
    {
        Random random = new(dataBlocks);
        ErasureCode code = new(dataBlocks, blocks);
        byte[] data = ErasureSamples.Bytes(3001, blocks);
        byte[][] all = ErasureSamples.Encode(code, data);
        int[] numbers = [.. Enumerable.Range(0, blocks)];
        for (int i = 0; i < 20; i++)
        {
            random.Shuffle(numbers);
            Assert.Equal(data, ErasureSamples.Reconstruct(code, ErasureSamples.Choose(all, numbers[..dataBlocks]), data.Length));
        }
    }

    [Theory]
    [InlineData(2, 4, 1001)]
    [InlineData(3, 7, 100)]
    [InlineData(4, 6, 5)]
    [InlineData(1, 3, 10)]
    [InlineData(3, 3, 10)]
    public void Every_block_is_built_again_from_every_choice(int dataBlocks, int blocks, int length)
    {
        foreach (FieldKernel kernel in FieldKernels.Supported)
        {
            ErasureCode code = new(dataBlocks, blocks, kernel);
            byte[][] all = ErasureSamples.Encode(code, ErasureSamples.Bytes(length, 1));
            foreach (int[] chosen in ErasureSamples.Choices(dataBlocks, blocks))
            {
                ErasureBlock[] present = ErasureSamples.Choose(all, chosen.Reverse());
                for (int index = 0; index < blocks; index++)
                {
                    byte[] rebuilt = new byte[all[index].Length];
                    code.Rebuild(present, index, rebuilt);
                    Assert.Equal(all[index], rebuilt);
                }
            }
        }
    }

    [Fact]
    public void Data_blocks_are_the_data_and_zeros_behind_it()
    {
        byte[][] blocks = ErasureSamples.Encode(new ErasureCode(4, 6), [1, 2, 3, 4, 5]);

        Assert.Equal<byte[]>([[1, 2], [3, 4], [5, 0], [0, 0]], blocks[..4]);
    }

    [Fact]
    public void With_one_data_block_all_are_copies_and_the_first_parity_is_the_exclusive_or()
    {
        Assert.All(ErasureSamples.Encode(new ErasureCode(1, 255), [7, 8, 9]), block => Assert.Equal([7, 8, 9], block));
        Assert.Equal([1 ^ 3 ^ 5, 2 ^ 4 ^ 6], ErasureSamples.Encode(new ErasureCode(3, 4), [1, 2, 3, 4, 5, 6])[3]);
    }

    [Fact]
    public void Of_more_than_k_blocks_those_with_the_lowest_numbers_count()
    {
        ErasureCode code = new(2, 4);
        byte[] data = ErasureSamples.Bytes(100, 1);
        byte[][] blocks = ErasureSamples.Encode(code, data);
        blocks[3] = new byte[50];

        Assert.Equal(data, ErasureSamples.Reconstruct(code, ErasureSamples.Choose(blocks, 3, 2, 1), data.Length));
        Assert.NotEqual(data, ErasureSamples.Reconstruct(code, ErasureSamples.Choose(blocks, 3, 2), data.Length));
    }

    [Fact]
    public void A_stripe_made_in_its_place_gets_the_same_parity()
    {
        ErasureCode code = new(2, 4);
        byte[] data = ErasureSamples.Bytes(1000, 2);
        byte[] encoded = new byte[code.StripeBytes(data.Length)];
        byte[] inPlace = new byte[code.StripeBytes(data.Length)];

        code.Encode(data, encoded);
        data.CopyTo(inPlace, 0);
        code.AddParity(inPlace);

        Assert.Equal(encoded, inPlace);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Encoding_and_decoding_allocate_nothing(FieldKernel kernel)
    {
        ErasureCode code = new(2, 4, kernel);
        byte[] data = ErasureSamples.Bytes(1001, 3);
        byte[] stripe = new byte[code.StripeBytes(data.Length)];
        byte[] restored = new byte[data.Length];
        byte[] rebuilt = new byte[501];
        code.Encode(data, stripe);
        ErasureBlock[] present = [new(2, stripe.AsMemory(1002, 501)), new(3, stripe.AsMemory(1503, 501))];
        Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Once()
        {
            code.Encode(data, stripe);
            code.Reconstruct(present, restored);
            code.Rebuild(present, 0, rebuilt);
        }
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(-1, 4)]
    [InlineData(5, 4)]
    [InlineData(2, 256)]
    public void A_code_that_cannot_be_throws(int dataBlocks, int blocks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ErasureCode(dataBlocks, blocks));

    [Fact]
    public void Blocks_that_do_not_fit_throw_with_what_is_wrong()
    {
        ErasureCode code = new(2, 4);
        byte[][] blocks = ErasureSamples.Encode(code, ErasureSamples.Bytes(100, 4));

        Refused("block 1 is given twice", new(1, blocks[1]), new(1, blocks[1]));
        Refused("there is no block 4", new(1, blocks[1]), new(4, blocks[1]));
        Refused("there is no block -1", new(1, blocks[1]), new(-1, blocks[1]));
        Refused("1 blocks are too few: 2 are needed", new ErasureBlock(1, blocks[1]));
        Refused("49 bytes are given where there should be 50", new(1, blocks[1]), new(2, blocks[2].AsMemory(1)));

        void Refused(string why, params ErasureBlock[] present)
        {
            Assert.Contains(why, Assert.Throws<ArgumentException>(() => code.Reconstruct(present, new byte[100])).Message, StringComparison.Ordinal);
            Assert.Contains(why, Assert.Throws<ArgumentException>(() => code.Rebuild(present, 0, new byte[50])).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Buffers_that_do_not_fit_or_overlap_throw()
    {
        ErasureCode code = new(2, 4);
        byte[] memory = new byte[300];
        ErasureBlock[] present = [new(1, memory.AsMemory(0, 50)), new(3, memory.AsMemory(50, 50))];

        Assert.Throws<ArgumentException>(() => code.Encode(new byte[100], new byte[199]));
        Assert.Throws<ArgumentException>(() => code.Encode(memory.AsSpan(0, 100), memory.AsSpan(99, 200)));
        Assert.Throws<ArgumentException>(() => code.AddParity(new byte[3]));
        Assert.Throws<ArgumentException>(() => code.Reconstruct(present, memory.AsSpan(99, 100)));
        Assert.Throws<ArgumentException>(() => code.Rebuild(present, 0, memory.AsSpan(0, 50)));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.Rebuild(present, 4, new byte[50]));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.StripeBytes(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.BlockBytes(-1));
    }
}
