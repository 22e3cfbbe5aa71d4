namespace Culvert.Storage.Tests.Erasure;

/// <summary>Data and choices of blocks for the erasure code's tests.</summary>
internal static class ErasureSamples
{
    /// <summary>Bytes that a seed decides.</summary>
    public static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>All blocks of data, each in memory of its own.</summary>
    public static byte[][] Encode(ErasureCode code, ReadOnlySpan<byte> data)
    {
        byte[] stripe = new byte[code.StripeBytes(data.Length)];
        code.Encode(data, stripe);
        int blockBytes = code.BlockBytes(data.Length);
        return [.. Enumerable.Range(0, code.Blocks).Select(i => stripe[(i * blockBytes)..((i + 1) * blockBytes)])];
    }

    public static ErasureBlock[] Choose(byte[][] blocks, params IEnumerable<int> numbers) =>
        [.. numbers.Select(i => new ErasureBlock(i, blocks[i]))];

    public static byte[] Reconstruct(ErasureCode code, ErasureBlock[] present, int length)
    {
        byte[] data = new byte[length];
        Array.Fill(data, (byte)0xa5);
        code.Reconstruct(present, data);
        return data;
    }

    /// <summary>Every choice of k of n, ascending.</summary>
    public static IEnumerable<int[]> Choices(int k, int n)
    {
        int[] chosen = [.. Enumerable.Range(0, k)];
        while (true)
        {
            yield return [.. chosen];
            int i = k - 1;
            while (i >= 0 && chosen[i] == n - k + i)
            {
                i--;
            }

            if (i < 0)
            {
                yield break;
            }

            chosen[i]++;
            for (int j = i + 1; j < k; j++)
            {
                chosen[j] = chosen[j - 1] + 1;
            }
        }
    }
}
