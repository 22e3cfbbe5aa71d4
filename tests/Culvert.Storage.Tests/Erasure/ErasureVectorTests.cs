using System.Globalization;
using System.Security.Cryptography;
using Culvert.Sealing.Tests;

namespace Culvert.Storage.Tests.Erasure;

public sealed class ErasureVectorTests
{
    private const int ChoicesMax = 300;

    public static TheoryData<string, FieldKernel> Vectored =>
        [.. Vectors.Names("erasure").SelectMany(name => FieldKernels.Supported.Select(kernel => new TheoryDataRow<string, FieldKernel>(name, kernel)))];

    [Theory]
    [MemberData(nameof(Vectored))]
    public void Data_is_encoded_into_the_blocks_of_the_vector(string name, FieldKernel kernel)
    {
        ILookup<string, string> vector = Vectors.Read("erasure", name);
        ErasureCode code = Code(vector, kernel);

        byte[][] blocks = ErasureSamples.Encode(code, Data(vector));

        Assert.Equal(code.Blocks, blocks.Length);
        if (vector.Contains("block"))
        {
            Assert.Equal(vector["block"].Select(Vectors.Hex), blocks);
        }
        else
        {
            Assert.Equal(vector["sha256"], blocks.Select(block => Convert.ToHexStringLower(SHA256.HashData(block))));
        }
    }

    [Theory]
    [MemberData(nameof(Vectored))]
    public void Any_choice_of_the_vectors_blocks_gives_its_data(string name, FieldKernel kernel)
    {
        ILookup<string, string> vector = Vectors.Read("erasure", name);
        ErasureCode code = Code(vector, kernel);
        byte[] data = Data(vector);
        byte[][] blocks = vector.Contains("block") ? [.. vector["block"].Select(Vectors.Hex)] : ErasureSamples.Encode(code, data);

        foreach (int[] chosen in Choices(code))
        {
            Assert.Equal(data, ErasureSamples.Reconstruct(code, ErasureSamples.Choose(blocks, chosen), data.Length));
        }
    }

    [Theory]
    [MemberData(nameof(Vectored))]
    public void The_matrix_is_the_vectors(string name, FieldKernel kernel)
    {
        ILookup<string, string> vector = Vectors.Read("erasure", name);
        ErasureCode code = Code(vector, kernel);
        byte[][] rows = [.. Enumerable.Range(0, code.Blocks).Select(i => Enumerable.Range(0, code.DataBlocks).Select(j => code.Constant(i, j)).ToArray())];

        Assert.All(rows.Take(code.DataBlocks).Index(), row => Assert.Equal(Enumerable.Range(0, code.DataBlocks).Select(j => (byte)(j == row.Index ? 1 : 0)), row.Item));
        if (vector.Contains("row"))
        {
            Assert.Equal(vector["row"].Select(Vectors.Hex), rows.Skip(code.DataBlocks));
        }
    }

    /// <summary>All of them where they are few, else those with the least and the most parity and some between.</summary>
    private static IEnumerable<int[]> Choices(ErasureCode code)
    {
        if (code.Blocks <= 10)
        {
            return ErasureSamples.Choices(code.DataBlocks, code.Blocks);
        }

        Random random = new(1);
        return Enumerable.Range(0, Math.Min(ChoicesMax, 1 + code.Blocks - code.DataBlocks) / 10)
            .Select(_ =>
            {
                int[] numbers = [.. Enumerable.Range(0, code.Blocks)];
                random.Shuffle(numbers);
                return numbers[..code.DataBlocks];
            })
            .Append([.. Enumerable.Range(0, code.DataBlocks)])
            .Append([.. Enumerable.Range(code.Blocks - code.DataBlocks, code.DataBlocks)]);
    }

    private static ErasureCode Code(ILookup<string, string> vector, FieldKernel kernel) =>
        new(Number(vector, "data-blocks"), Number(vector, "blocks"), kernel);

    private static byte[] Data(ILookup<string, string> vector) => vector.Contains("data")
        ? Vectors.Hex(vector["data"].Single())
        : [.. Enumerable.Range(0, Number(vector, "length")).Select(t => (byte)((131 * t) + (17 * (t >> 8)) + 7))];

    private static int Number(ILookup<string, string> vector, string name) =>
        int.Parse(vector[name].Single(), CultureInfo.InvariantCulture);
}
