using System.Buffers;

namespace Culvert.Storage;

/// <summary>
/// Systematic Reed-Solomon code over GF(2^8) (docs/specs/erasure-code.md): k data blocks, and parity so that any k of n blocks
/// give the data back. It repairs loss; telling altered blocks from whole ones is its caller's. Thread safe; calls allocate
/// nothing. Wrong arguments are its caller's mistakes, and throw.
/// </summary>
public sealed unsafe class ErasureCode
{
    /// <summary>Most blocks of a stripe: a byte numbers them.</summary>
    public const int BlocksMax = 255;

    /// <summary>Up to which a call's workings lie on the stack: enough for any code of 3f + 1 clouds with f up to 14.</summary>
    private const int StackBytes = 512;

    private readonly byte[] _parity;

    /// <summary>A code of <paramref name="dataBlocks"/> of <paramref name="blocks"/>, by the fastest kernel there is.</summary>
    /// <param name="dataBlocks">k: 1 to <paramref name="blocks"/>.</param>
    /// <param name="blocks">n: up to <see cref="BlocksMax"/>.</param>
    public ErasureCode(int dataBlocks, int blocks)
        : this(dataBlocks, blocks, FieldKernels.Best)
    {
    }

    /// <summary>The same by a chosen kernel: for comparing them.</summary>
    /// <exception cref="PlatformNotSupportedException">This processor does not have it.</exception>
    public ErasureCode(int dataBlocks, int blocks, FieldKernel kernel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dataBlocks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dataBlocks, blocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blocks, BlocksMax);
        if (!FieldKernels.IsSupported(kernel))
        {
            throw new PlatformNotSupportedException($"this processor has no {kernel}");
        }

        (DataBlocks, Blocks, Kernel) = (dataBlocks, blocks, kernel);
        _parity = new byte[(blocks - dataBlocks) * dataBlocks];
        for (int i = 0; i < _parity.Length; i++)
        {
            _parity[i] = ParityConstant(dataBlocks, dataBlocks + (i / dataBlocks), i % dataBlocks);
        }
    }

    /// <summary>k: how many blocks the data is cut into, and how many give it back.</summary>
    public int DataBlocks { get; }

    /// <summary>n: how many blocks there are.</summary>
    public int Blocks { get; }

    /// <summary>What multiplies.</summary>
    public FieldKernel Kernel { get; }

    /// <summary>Bytes of each block of <paramref name="dataBytes"/>: a k-th, rounded up.</summary>
    public int BlockBytes(int dataBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dataBytes);
        return (int)(((long)dataBytes + DataBlocks - 1) / DataBlocks);
    }

    /// <summary>Bytes of all blocks of <paramref name="dataBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are more than a span holds.</exception>
    public int StripeBytes(int dataBytes)
    {
        long bytes = (long)BlockBytes(dataBytes) * Blocks;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Array.MaxLength, nameof(dataBytes));
        return (int)bytes;
    }

    /// <summary>What data block <paramref name="dataBlock"/> is multiplied with in the sum that is block <paramref name="block"/>.</summary>
    public byte Constant(int block, int dataBlock)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)Blocks, nameof(block));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)dataBlock, (uint)DataBlocks, nameof(dataBlock));
        return block < DataBlocks
            ? (byte)(block == dataBlock ? 1 : 0)
            : _parity[((block - DataBlocks) * DataBlocks) + dataBlock];
    }

    /// <summary>
    /// Writes all blocks, one behind the other, into <paramref name="stripe"/>, which has <see cref="StripeBytes"/> and does not
    /// overlap <paramref name="data"/>.
    /// </summary>
    public void Encode(ReadOnlySpan<byte> data, Span<byte> stripe)
    {
        RequireLength(stripe.Length, StripeBytes(data.Length), nameof(stripe));
        RequireApart(data, stripe, nameof(stripe));
        data.CopyTo(stripe);
        stripe[data.Length..(DataBlocks * BlockBytes(data.Length))].Clear();
        AddParity(stripe);
    }

    /// <summary>
    /// Writes the parity blocks behind the data blocks that a stripe begins with, padding included: for data that was made in
    /// its place. The stripe's length is a multiple of <see cref="Blocks"/>.
    /// </summary>
    public void AddParity(Span<byte> stripe)
    {
        int blockBytes = stripe.Length / Blocks;
        RequireLength(stripe.Length, blockBytes * Blocks, nameof(stripe));
        byte** blocks = stackalloc byte*[Blocks];
        fixed (byte* first = stripe, constants = _parity)
        {
            for (int i = 0; i < Blocks; i++)
            {
                blocks[i] = first + ((nint)i * blockBytes);
            }

            new DotProducts(constants, blocks, DataBlocks, blocks + DataBlocks, Blocks - DataBlocks, blockBytes).Compute(Kernel);
        }
    }

    /// <summary>
    /// Writes the data, whose length is that of <paramref name="data"/>, from k blocks or more in any order; of more, those with
    /// the lowest numbers. Data blocks among them are copied. No block overlaps <paramref name="data"/>.
    /// </summary>
    /// <exception cref="ArgumentException">Too few blocks, one twice, of a wrong length, with a number that no block has.</exception>
    public void Reconstruct(ReadOnlySpan<ErasureBlock> present, Span<byte> data)
    {
        int blockBytes = BlockBytes(data.Length);
        Span<int> places = stackalloc int[DataBlocks];
        Span<int> chosen = stackalloc int[DataBlocks];
        Choose(present, blockBytes, places, chosen);
        for (int i = 0; i < chosen.Length; i++)
        {
            ReadOnlySpan<byte> block = present[places[i]].Bytes.Span;
            RequireApart(block, data, nameof(data));
            Span<byte> place = Part(data, chosen[i], blockBytes);
            block[..place.Length].CopyTo(place);
        }

        int missingMax = Math.Min(DataBlocks, Blocks - DataBlocks);
        Scratch scratch = new(Recovery.ScratchBytes(this) + (missingMax * DataBlocks), stackalloc byte[StackBytes]);
        Recovery recovery = new(this, chosen, scratch.Bytes);
        Span<byte> constants = scratch.Bytes.Slice(Recovery.ScratchBytes(this), recovery.Missing.Length * DataBlocks);
        byte** outputs = stackalloc byte*[recovery.Missing.Length];
        fixed (byte* first = data, constant = constants)
        {
            int whole = 0;
            int cut = 0;
            for (int i = 0; i < recovery.Missing.Length; i++)
            {
                int length = Part(data, recovery.Missing[i], blockBytes).Length;
                recovery.Constants(recovery.Missing[i], constants.Slice(i * DataBlocks, DataBlocks));
                outputs[i] = first + ((nint)recovery.Missing[i] * blockBytes);
                whole += length == blockBytes ? 1 : 0;
                cut = length < blockBytes && length > 0 ? length : cut;
            }

            // The data ends within one block at most; those behind it are padding alone.
            byte** inputs = stackalloc byte*[DataBlocks];
            Compute(present, places, inputs, new DotProducts(constant, inputs, DataBlocks, outputs, whole, blockBytes));
            Compute(present, places, inputs, new DotProducts(
                constant + (whole * DataBlocks), inputs, DataBlocks, outputs + whole, cut > 0 ? 1 : 0, cut));
        }

        scratch.Return();
    }

    /// <summary>
    /// Writes one block of the n, from k blocks or more as <see cref="Reconstruct"/> takes them. <paramref name="block"/> is as
    /// long as they are and overlaps none.
    /// </summary>
    /// <exception cref="ArgumentException">As for <see cref="Reconstruct"/>.</exception>
    public void Rebuild(ReadOnlySpan<ErasureBlock> present, int index, Span<byte> block)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Blocks, nameof(index));
        Span<int> places = stackalloc int[DataBlocks];
        Span<int> chosen = stackalloc int[DataBlocks];
        Choose(present, block.Length, places, chosen);
        foreach (int place in places)
        {
            RequireApart(present[place].Bytes.Span, block, nameof(block));
        }

        Scratch scratch = new(Recovery.ScratchBytes(this) + DataBlocks, stackalloc byte[StackBytes]);
        Span<byte> constants = scratch.Bytes.Slice(Recovery.ScratchBytes(this), DataBlocks);
        new Recovery(this, chosen, scratch.Bytes).Constants(index, constants);
        byte** inputs = stackalloc byte*[DataBlocks];
        fixed (byte* output = block, constant = constants)
        {
            byte* outputs = output;
            Compute(present, places, inputs, new DotProducts(constant, inputs, DataBlocks, &outputs, 1, block.Length));
        }

        scratch.Return();
    }

    /// <summary>docs/specs/erasure-code.md: a Cauchy matrix whose first row and column are made ones.</summary>
    private static byte ParityConstant(int dataBlocks, int i, int j) => ErasureField.Multiply(
        ErasureField.Multiply((byte)i, (byte)(dataBlocks ^ j)),
        ErasureField.Inverse(ErasureField.Multiply((byte)dataBlocks, (byte)(i ^ j))));

    /// <summary>
    /// Pins the blocks at <paramref name="places"/> one after the other, each in a call of its own, and computes inside the last:
    /// <c>fixed</c> takes neither handles nor memory.
    /// </summary>
    private void Compute(ReadOnlySpan<ErasureBlock> present, ReadOnlySpan<int> places, byte** inputs, in DotProducts work)
    {
        if (work.OutputCount == 0)
        {
            return;
        }

        if (places.IsEmpty)
        {
            work.Compute(Kernel);
            return;
        }

        fixed (byte* pinned = present[places[0]].Bytes.Span)
        {
            *inputs = pinned;
            Compute(present, places[1..], inputs + 1, work);
        }
    }

    /// <summary>Finds the k blocks with the lowest numbers: where they lie in <paramref name="present"/>, and their numbers.</summary>
    private void Choose(ReadOnlySpan<ErasureBlock> present, int blockBytes, Span<int> places, Span<int> chosen)
    {
        Span<int> placeOf = stackalloc int[BlocksMax];
        placeOf.Fill(-1);
        for (int place = 0; place < present.Length; place++)
        {
            int index = present[place].Index;
            if ((uint)index >= (uint)Blocks)
            {
                throw new ArgumentException($"there is no block {index} among {Blocks}", nameof(present));
            }

            if (placeOf[index] >= 0)
            {
                throw new ArgumentException($"block {index} is given twice", nameof(present));
            }

            RequireLength(present[place].Bytes.Length, blockBytes, nameof(present));
            placeOf[index] = place;
        }

        if (present.Length < DataBlocks)
        {
            throw new ArgumentException($"{present.Length} blocks are too few: {DataBlocks} are needed", nameof(present));
        }

        int found = 0;
        for (int index = 0; found < DataBlocks; index++)
        {
            if (placeOf[index] >= 0)
            {
                (places[found], chosen[found]) = (placeOf[index], index);
                found++;
            }
        }
    }

    /// <summary>Where a data block lies in the data; shorter or empty at its end, empty for a parity block.</summary>
    private Span<byte> Part(Span<byte> data, int block, int blockBytes)
    {
        long from = block < DataBlocks ? Math.Min((long)block * blockBytes, data.Length) : data.Length;
        return data.Slice((int)from, (int)Math.Min(blockBytes, data.Length - from));
    }

    private static void RequireLength(int length, int expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{length} bytes are given where there should be {expected}", name);
        }
    }

    private static void RequireApart(ReadOnlySpan<byte> read, ReadOnlySpan<byte> written, string name)
    {
        if (read.Overlaps(written))
        {
            throw new ArgumentException("what is written overlaps what is read", name);
        }
    }

    /// <summary>Bytes on the stack where they fit, else from the pool.</summary>
    private readonly ref struct Scratch
    {
        private readonly byte[]? _rented;

        internal Scratch(int bytes, Span<byte> stack)
        {
            _rented = bytes <= stack.Length ? null : ArrayPool<byte>.Shared.Rent(bytes);
            Bytes = _rented ?? stack;
        }

        internal Span<byte> Bytes { get; }

        internal void Return()
        {
            if (_rented is not null)
            {
                ArrayPool<byte>.Shared.Return(_rented);
            }
        }
    }
}
