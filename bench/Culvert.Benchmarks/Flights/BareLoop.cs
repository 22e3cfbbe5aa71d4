using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Benchmarks.Flights;

/// <summary>
/// The limit: a loop that can answer this one question on this one format and nothing else. It takes 64 bytes at a time into
/// masks of commas and line ends, selects the two fields it needs in them, and reads no other. It knows that carriers have two
/// characters, that fields have no quotes, and where the columns are.
/// </summary>
internal sealed class BareLoop
{
    private const int CarrierField = 8;
    private const int DelayField = 14;

    // Fits a core's level 2 cache; the slack holds the row that begins in a chunk and ends behind it.
    private const int ChunkBytes = 256 << 10;
    private const int SlackBytes = 4 << 10;

    // Two characters from '0' to 'Z', six bits each.
    private const int Groups = 1 << 12;

    private readonly long[] _delayed = new long[Groups];
    private readonly long[] _total = new long[Groups];

    /// <summary>The answer over a file with a header line, by so many threads.</summary>
    public static string Run(string path, int threads)
    {
        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        long length = RandomAccess.GetLength(file);
        long chunks = (length + ChunkBytes - 1) / ChunkBytes;
        long taken = -1;
        BareLoop[] loops = [.. Enumerable.Range(0, threads).Select(_ => new BareLoop())];
        Parallel.ForEach(loops, new ParallelOptions { MaxDegreeOfParallelism = threads }, loop =>
        {
            byte[] buffer = GC.AllocateArray<byte>(1 + ChunkBytes + SlackBytes + 128, pinned: true);
            for (long chunk; (chunk = Interlocked.Increment(ref taken)) < chunks;)
            {
                loop.Chunk(file, chunk, length, buffer);
            }
        });

        StringBuilder text = new();
        for (int group = 0; group < Groups; group++)
        {
            long delayed = loops.Sum(loop => loop._delayed[group]);
            if (delayed > 0)
            {
                string carrier = $"{(char)('0' + (group >> 6))}{(char)('0' + (group & 63))}";
                DelayedFlightsAnswer.Append(text, carrier, delayed, loops.Sum(loop => loop._total[group]));
            }
        }

        return text.ToString();
    }

    /// <summary>The rows that begin in a chunk: those after a line end at or behind the byte before it.</summary>
    private void Chunk(SafeFileHandle file, long chunk, long fileLength, byte[] buffer)
    {
        long start = Math.Max((chunk * ChunkBytes) - 1, 0);
        int wanted = (int)Math.Min(((chunk + 1) * ChunkBytes) - start + SlackBytes, fileLength - start);
        Span<byte> bytes = buffer.AsSpan(0, wanted);
        for (int got = 0; got < wanted;)
        {
            int read = RandomAccess.Read(file, bytes[got..], start + got);
            got += read > 0 ? read : throw new EndOfStreamException("the file became shorter while it was read");
        }

        // A last line without its end is given one; what follows is no separator.
        int count = wanted;
        if (start + wanted == fileLength && buffer[wanted - 1] != '\n')
        {
            buffer[count++] = (byte)'\n';
        }

        buffer.AsSpan(count, 64).Clear();
        int end = (int)Math.Min(((chunk + 1) * ChunkBytes) - start, count);

        // The header, or the end of the row that belongs to the chunk before.
        int first = buffer.AsSpan(0, count).IndexOf((byte)'\n') + 1;
        if (first > 0 && first < end)
        {
            Rows(ref MemoryMarshal.GetArrayDataReference(buffer), first, end, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows(ref byte bytes, int first, int end, int count)
    {
        ref long delayedOf = ref MemoryMarshal.GetArrayDataReference(_delayed);
        ref long totalOf = ref MemoryMarshal.GetArrayDataReference(_total);
        int block = first & ~63;
        ulong passed = ulong.MaxValue << (first & 63);
        Masks(ref Unsafe.Add(ref bytes, block), out ulong commas, out ulong ends);
        commas &= passed;
        ends &= passed;

        while (true)
        {
            int need = CarrierField;
            int at = Select(ref bytes, ref block, ref commas, ref ends, need, count) + 1;
            int group = Group(ref Unsafe.Add(ref bytes, at));

            need = DelayField - CarrierField;
            at = Select(ref bytes, ref block, ref commas, ref ends, need, count) + 1;
            long minutes = PositiveOrZero(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at)));
            Unsafe.Add(ref totalOf, group) += minutes;
            Unsafe.Add(ref delayedOf, group) += minutes > 0 ? 1 : 0;

            while (ends == 0)
            {
                Next(ref bytes, ref block, out commas, out ends, count);
            }

            int line = BitOperations.TrailingZeroCount(ends);
            ends = Bits.ResetLowest(ends);
            commas &= ulong.MaxValue << line;
            if (block + line + 1 >= end)
            {
                return;
            }
        }
    }

    /// <summary>The place of the comma that is <paramref name="need"/> commas on; those up to it are taken away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Select(ref byte bytes, ref int block, ref ulong commas, ref ulong ends, int need, int count)
    {
        int here;
        while ((here = BitOperations.PopCount(commas)) < need)
        {
            need -= here;
            Next(ref bytes, ref block, out commas, out ends, count);
        }

        int place = Bits.PlaceOf(commas, need - 1);
        ulong after = (ulong.MaxValue << place) << 1;
        commas &= after;
        return block + place;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Next(ref byte bytes, ref int block, out ulong commas, out ulong ends, int count)
    {
        block += 64;
        if (block >= count)
        {
            throw new InvalidDataException("a row is too short, or longer than this loop can take");
        }

        Masks(ref Unsafe.Add(ref bytes, block), out commas, out ends);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Masks(ref byte bytes, out ulong commas, out ulong ends)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<byte> all = Vector512.LoadUnsafe(ref bytes);
            commas = Vector512.Equals(all, Vector512.Create((byte)',')).ExtractMostSignificantBits();
            ends = Vector512.Equals(all, Vector512.Create((byte)'\n')).ExtractMostSignificantBits();
            return;
        }

        Vector256<byte> low = Vector256.LoadUnsafe(ref bytes);
        Vector256<byte> high = Vector256.LoadUnsafe(ref bytes, 32);
        commas = Vector256.Equals(low, Vector256.Create((byte)',')).ExtractMostSignificantBits()
            | ((ulong)Vector256.Equals(high, Vector256.Create((byte)',')).ExtractMostSignificantBits() << 32);
        ends = Vector256.Equals(low, Vector256.Create((byte)'\n')).ExtractMostSignificantBits()
            | ((ulong)Vector256.Equals(high, Vector256.Create((byte)'\n')).ExtractMostSignificantBits() << 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Group(ref byte carrier)
    {
        int first = carrier - '0';
        int second = Unsafe.Add(ref carrier, 1) - '0';
        return (first | second) >> 6 == 0 && Unsafe.Add(ref carrier, 2) == ','
            ? (first << 6) | second
            : throw new InvalidDataException("a carrier is not two characters from 0 to Z");
    }

    /// <summary>The number that the bytes begin with, if it has no sign; else 0 (negative, NA and empty alike).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long PositiveOrZero(ulong bytes)
    {
        const ulong Zeros = 0x3030_3030_3030_3030;
        const ulong HighBits = 0x8080_8080_8080_8080;
        ulong digits = bytes ^ Zeros;

        // A byte's high bit is set where it is 10 or more; the lowest of them is the first that is no digit.
        ulong others = ((digits & ~HighBits) + 0x7676_7676_7676_7676 | digits) & HighBits;
        int bits = BitOperations.TrailingZeroCount(others) & ~7;

        // The digits move to the top, so that zeros precede them; shifted twice, as 64 places at once are none.
        digits = (digits << 1) << (63 - bits);
        digits = (digits * 10) + (digits >> 8);
        return (long)((((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064)
            + (((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32);
    }

    private static class Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong ResetLowest(ulong bits) => bits & (bits - 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static int PlaceOf(ulong bits, int index)
        {
            if (Bmi2.X64.IsSupported)
            {
                return BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1UL << index, bits));
            }

            for (; index > 0; index--)
            {
                bits = ResetLowest(bits);
            }

            return BitOperations.TrailingZeroCount(bits);
        }
    }
}
