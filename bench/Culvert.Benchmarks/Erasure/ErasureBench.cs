using System.Globalization;
using System.Runtime.CompilerServices;
using Culvert.Storage;

namespace Culvert.Benchmarks.Erasure;

/// <summary>What is done with the blocks of two of four.</summary>
public enum ErasureTask
{
    /// <summary>Both parity blocks from both data blocks.</summary>
    Encode,

    /// <summary>The data from both parity blocks: the most there is to compute.</summary>
    DecodeFromParity,

    /// <summary>The data from its first block and a parity block: the first is copied.</summary>
    DecodeFromDataAndParity,
}

/// <summary>
/// The erasure code for one faulty cloud of four on chunks of 1 MiB, by each kernel and by libisal, again and again over the
/// same memory: what a core does where the caches nearby hold a chunk. Bytes are those of the data.
/// </summary>
public sealed unsafe class ErasureBench(string name, ErasureTask task) : IScenario
{
    private const int DataBlocks = 2;
    private const int Blocks = 4;
    private const int ChunkBytes = 1 << 20;
    private const int BlockBytes = ChunkBytes / DataBlocks;

    /// <summary>4 GiB: a tenth of a second or more for the fastest.</summary>
    private const long Kibibytes = 4 << 20;

    // The tables' kernel does less, so that nobody waits for it.
    private const double ScalarShare = 1 / 64.0;

    /// <summary>The scenarios of <c>culvert bench erasure</c>.</summary>
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new ErasureBench("erasure-encode", ErasureTask.Encode),
        new ErasureBench("erasure-decode-parity", ErasureTask.DecodeFromParity),
        new ErasureBench("erasure-decode-mixed", ErasureTask.DecodeFromDataAndParity),
    ];

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Title => task switch
    {
        ErasureTask.Encode => "k = 2, n = 4, chunks of 1 MiB: both parity blocks from both data blocks, on one core",
        ErasureTask.DecodeFromParity => "k = 2, n = 4, chunks of 1 MiB: the data from both parity blocks, on one core",
        _ => "k = 2, n = 4, chunks of 1 MiB: the data from its first block and a parity block, on one core",
    };

    /// <inheritdoc/>
    public string Against => IsalLibrary.WhyMissing is null ? "libisal" : "memory copy";

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        long chunks = Math.Max(1, (options.Rows ?? Kibibytes) * 1024 / ChunkBytes);
        IEnumerable<Contender> kernels = Enum.GetValues<FieldKernel>().Reverse().Select(kernel => ByKernel(kernel, chunks));
        return new PreparedScenario([.. kernels, ByIsal(chunks), ByCopying(chunks)], chunks * (ChunkBytes / 1e9), "GB");
    }

    private Contender ByKernel(FieldKernel kernel, long chunks)
    {
        string contender = $"Culvert, {kernel.ToString().ToLower(CultureInfo.InvariantCulture)}";
        if (!FieldKernels.IsSupported(kernel))
        {
            return Contender.Missing(contender, ContenderRole.Culvert, $"this processor has no {kernel}");
        }

        ErasureCode code = new(DataBlocks, Blocks, kernel);
        byte[] stripe = Stripe();
        byte[] data = Pinned(ChunkBytes);
        ErasureBlock[] present = [.. Present().Select(i => new ErasureBlock(i, stripe.AsMemory(i * BlockBytes, BlockBytes)))];
        double share = kernel == FieldKernel.Scalar ? ScalarShare : 1;
        Action once = task == ErasureTask.Encode ? () => code.AddParity(stripe) : () => code.Reconstruct(present, data);
        return Repeated(contender, ContenderRole.Culvert, once, () => Written(stripe, data), chunks, share);
    }

    private Contender ByIsal(long chunks)
    {
        if (IsalLibrary.WhyMissing is { } missing)
        {
            return Contender.Missing("libisal", ContenderRole.Peer, missing);
        }

        ErasureCode code = new(DataBlocks, Blocks);
        byte[] stripe = Stripe();
        byte[] data = Pinned(ChunkBytes);
        int[] present = [.. Present()];
        byte[] rows = [.. present.SelectMany(i => Enumerable.Range(0, DataBlocks).Select(j => code.Constant(i, j)))];
        Action compute = task switch
        {
            ErasureTask.Encode => Encoder(
                [.. Enumerable.Range(DataBlocks, Blocks - DataBlocks).SelectMany(i => Enumerable.Range(0, DataBlocks).Select(j => code.Constant(i, j)))],
                [At(stripe, 0), At(stripe, 1)],
                [At(stripe, 2), At(stripe, 3)]),
            ErasureTask.DecodeFromParity => Encoder(
                IsalLibrary.Invert(rows, DataBlocks),
                [At(stripe, present[0]), At(stripe, present[1])],
                [At(data, 0), At(data, 1)]),
            _ => Encoder(
                IsalLibrary.Invert(rows, DataBlocks)[DataBlocks..],
                [At(stripe, present[0]), At(stripe, present[1])],
                [At(data, 1)]),
        };
        Action once = task != ErasureTask.DecodeFromDataAndParity ? compute : () =>
        {
            stripe.AsSpan(0, BlockBytes).CopyTo(data);
            compute();
        };
        return Repeated("libisal", ContenderRole.Peer, once, () => Written(stripe, data), chunks, 1);

        Action Encoder(byte[] constants, byte*[] from, byte*[] to) =>
            IsalLibrary.Encoder(BlockBytes, IsalLibrary.Tables(constants, DataBlocks), from, to);
    }

    private Contender ByCopying(long chunks)
    {
        byte[] from = Expected();
        byte[] to = Pinned(ChunkBytes);
        return Repeated("memory copy", ContenderRole.Limit, () => from.AsSpan().CopyTo(to), () => to, chunks, 1);
    }

    /// <summary>The answer is whether what was written last is right: looked at once a run, in less time than a chunk takes.</summary>
    private Contender Repeated(string contender, ContenderRole role, Action once, Func<ReadOnlySpan<byte>> written, long chunks, double share)
    {
        byte[] expected = Expected();
        long times = Math.Max(1, (long)(chunks * share));
        return new Contender(contender, role, () =>
        {
            for (long i = 0; i < times; i++)
            {
                once();
            }

            return written().SequenceEqual(expected) ? "right" : $"{contender} wrote something else";
        })
        {
            Share = (double)times / chunks,
            Expected = "right",
        };
    }

    private int[] Present() => task == ErasureTask.DecodeFromDataAndParity ? [0, 3] : [2, 3];

    private ReadOnlySpan<byte> Written(byte[] stripe, byte[] data) =>
        task == ErasureTask.Encode ? stripe.AsSpan(ChunkBytes) : data;

    /// <summary>What has to be written: by the kernel that is plain to read.</summary>
    private byte[] Expected()
    {
        byte[] stripe = Stripe();
        if (task != ErasureTask.Encode)
        {
            return stripe[..ChunkBytes];
        }

        new ErasureCode(DataBlocks, Blocks, FieldKernel.Scalar).AddParity(stripe);
        return stripe[ChunkBytes..];
    }

    /// <summary>Blocks as stored; where encoding is measured, without parity.</summary>
    private byte[] Stripe()
    {
        byte[] stripe = Pinned(Blocks * BlockBytes);
        new Random(1).NextBytes(stripe.AsSpan(0, ChunkBytes));
        if (task != ErasureTask.Encode)
        {
            new ErasureCode(DataBlocks, Blocks, FieldKernel.Scalar).AddParity(stripe);
        }

        return stripe;
    }

    private static byte[] Pinned(int bytes) => GC.AllocateArray<byte>(bytes, pinned: true);

    private static byte* At(byte[] pinned, int block) => (byte*)Unsafe.AsPointer(ref pinned[block * BlockBytes]);
}
