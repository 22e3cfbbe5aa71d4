using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Culvert.Streams;

/// <summary>How wide the scanner looks at bytes. All give the same results.</summary>
public enum ScanWidth
{
    Scalar,
    Vector256,
    Vector512,
}

/// <summary>What a scan found besides the delimiters.</summary>
internal struct ScanFindings
{
    /// <summary>Delimiters written.</summary>
    public int Delimiters;

    /// <summary>How many of them are line ends.</summary>
    public int LineEnds;

    /// <summary>A quote was seen.</summary>
    public bool Quotes;

    /// <summary>A quote was seen where one neither opens nor closes a field: only <see cref="CarefulScanner"/> knows what it means.</summary>
    public bool OddQuotes;

    /// <summary>A NUL byte was seen.</summary>
    public bool Nul;
}

/// <summary>
/// Finds separators and line ends outside quotes, 64 bytes at a time, and writes where they are. Takes every quote for one
/// that opens or closes a field, and says so where that was wrong.
/// </summary>
internal static class DelimiterScanner
{
    /// <summary>Bytes behind the end of the data that are read, and entries behind the last position that are written.</summary>
    public const int Slack = 64;

    private const ulong Lows = 0x0101010101010101;
    private const ulong Highs = 0x8080808080808080;

    public static ScanWidth BestWidth { get; } =
        Avx512Vbmi2.IsSupported ? ScanWidth.Vector512 : Vector256.IsHardwareAccelerated ? ScanWidth.Vector256 : ScanWidth.Scalar;

    /// <summary>
    /// Scans <paramref name="from"/> up to <paramref name="to"/>, beginning outside quotes at the start of a row, into
    /// <paramref name="positions"/>, from its index 1 on. Both arrays have <see cref="Slack"/> behind what is asked for.
    /// </summary>
    public static ScanFindings Scan(ScanWidth width, byte[] data, int from, int to, byte separator, int quote, int[] positions)
    {
        Invariant.Holds(from >= 0 && to >= from && to + Slack <= data.Length && to - from + 1 + Slack <= positions.Length);
        return width switch
        {
            ScanWidth.Vector512 => ScanBlocks<Blocks512>(data, from, to, separator, quote, positions),
            ScanWidth.Vector256 => ScanBlocks<Blocks256>(data, from, to, separator, quote, positions),
            _ => ScanBlocks<BlocksScalar>(data, from, to, separator, quote, positions),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ScanFindings ScanBlocks<TBlocks>(byte[] data, int from, int to, byte separator, int quote, int[] positions)
        where TBlocks : struct, IBlocks
    {
        ref byte bytes = ref data[0];
        ref int position = ref positions[1];
        TBlocks blocks = default;
        blocks.Set(separator, quote);
        int count = 0;
        int lineEnds = 0;
        ulong inside = 0;
        bool quotes = false;
        bool odd = false;
        ulong nuls = 0;
        ulong fieldStart = 1;
        for (int at = from; at < to; at += 64)
        {
            blocks.Load(ref Unsafe.Add(ref bytes, at), out ulong separators, out ulong newlines, out ulong quoteMask, out ulong nul);
            int left = to - at;
            if (left < 64)
            {
                ulong keep = (1UL << left) - 1;
                separators &= keep;
                newlines &= keep;
                quoteMask &= keep;
                nul &= keep;
            }

            nuls |= nul;
            ulong delimiters = separators | newlines;
            if ((quoteMask | inside) != 0)
            {
                quotes = true;
                odd |= IsOdd(quoteMask, delimiters, inside, fieldStart, ref Unsafe.Add(ref bytes, at), left, separator, quote);
                ulong within = PrefixXor(quoteMask) ^ inside;
                inside = (ulong)((long)within >> 63);
                fieldStart = (delimiters | quoteMask) >> 63;
                newlines &= ~within;
                delimiters &= ~within;
                lineEnds += BitOperations.PopCount(newlines);
                count = WriteBits(delimiters, at, ref position, count);
                continue;
            }

            fieldStart = delimiters >> 63;
            lineEnds += BitOperations.PopCount(newlines);
            blocks.Write(delimiters, at, ref Unsafe.Add(ref position, count));
            count += BitOperations.PopCount(delimiters);
        }

        return new ScanFindings { Delimiters = count, LineEnds = lineEnds, Quotes = quotes, OddQuotes = odd, Nul = nuls != 0 };
    }

    /// <summary>
    /// Whether a quote of the block opens anywhere but behind a delimiter or another quote, or closes before anything but a
    /// delimiter, another quote or CR LF.
    /// </summary>
    private static bool IsOdd(ulong quotes, ulong delimiters, ulong inside, ulong fieldStart, ref byte block, int left, byte separator, int quote)
    {
        ulong within = PrefixXor(quotes) ^ inside;
        ulong opening = quotes & within;
        ulong closing = quotes & ~within;
        ulong mayOpenBehind = ((delimiters | quotes) << 1) | fieldStart;
        if ((opening & ~mayOpenBehind) != 0)
        {
            return true;
        }

        // What follows a closing quote is looked at byte by byte: it is rare that more is to be seen than a line's end.
        for (ulong rest = closing & ~((delimiters | quotes) >> 1); rest != 0; rest &= rest - 1)
        {
            int next = BitOperations.TrailingZeroCount(rest) + 1;
            if (next < left && !ClosesField(ref Unsafe.Add(ref block, next), left - next, separator, quote))
            {
                return true;
            }
        }

        return false;
    }

    private static bool ClosesField(ref byte next, int left, byte separator, int quote) =>
        next == separator || next == quote || next == (byte)'\n'
        || (next == (byte)'\r' && (left < 2 || Unsafe.Add(ref next, 1) == (byte)'\n'));

    /// <summary>Bit i of the result is the parity of bits 0 to i.</summary>
    private static ulong PrefixXor(ulong bits)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar();
        }

        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }

    private static int WriteBits(ulong bits, int at, ref int position, int count)
    {
        for (; bits != 0; bits &= bits - 1)
        {
            Unsafe.Add(ref position, count++) = at + BitOperations.TrailingZeroCount(bits);
        }

        return count;
    }

    private interface IBlocks
    {
        void Set(byte separator, int quote);

        void Load(ref byte block, out ulong separators, out ulong newlines, out ulong quotes, out ulong nuls);

        void Write(ulong bits, int at, ref int position);
    }

    private struct Blocks512 : IBlocks
    {
        private Vector512<byte> _separator;
        private Vector512<byte> _quote;
        private ulong _quoting;
        private Vector512<byte> _indexes;

        public void Set(byte separator, int quote)
        {
            _separator = Vector512.Create(separator);
            _quote = Vector512.Create((byte)quote);
            _quoting = quote < 0 ? 0 : ulong.MaxValue;
            _indexes = Vector512<byte>.Indices;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Load(ref byte block, out ulong separators, out ulong newlines, out ulong quotes, out ulong nuls)
        {
            Vector512<byte> v = Vector512.LoadUnsafe(ref block);
            separators = Vector512.Equals(v, _separator).ExtractMostSignificantBits();
            newlines = Vector512.Equals(v, Vector512.Create((byte)'\n')).ExtractMostSignificantBits();
            quotes = Vector512.Equals(v, _quote).ExtractMostSignificantBits() & _quoting;
            nuls = Vector512.Equals(v, Vector512<byte>.Zero).ExtractMostSignificantBits();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Write(ulong bits, int at, ref int position)
        {
            // The indexes of the set bits move to the front, are widened, and written 16 at a time.
            Vector512<byte> packed = Avx512Vbmi2.Compress(Vector512<byte>.Zero, MaskOf(bits), _indexes);
            Vector512<int> offset = Vector512.Create(at);
            int count = BitOperations.PopCount(bits);
            Vector256<byte> lower = packed.GetLower();
            (Avx512F.ConvertToVector512Int32(lower.GetLower()) + offset).StoreUnsafe(ref position);
            (Avx512F.ConvertToVector512Int32(lower.GetUpper()) + offset).StoreUnsafe(ref position, 16);
            if (count > 32)
            {
                Vector256<byte> upper = packed.GetUpper();
                (Avx512F.ConvertToVector512Int32(upper.GetLower()) + offset).StoreUnsafe(ref position, 32);
                (Avx512F.ConvertToVector512Int32(upper.GetUpper()) + offset).StoreUnsafe(ref position, 48);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<byte> MaskOf(ulong bits)
        {
            // Each byte of the word is spread over the eight lanes that its bits stand for, and each lane tests its own bit.
            Vector512<byte> spread = Avx512BW.Shuffle(Vector512.Create(bits).AsByte(), SpreadIndexes);
            Vector512<byte> lane = Vector512.Create(0x8040201008040201UL).AsByte();
            return Vector512.Equals(spread & lane, lane);
        }

        private static Vector512<byte> SpreadIndexes => Vector512.Create(
            Vector256.Create(0UL, Lows, 2 * Lows, 3 * Lows),
            Vector256.Create(4 * Lows, 5 * Lows, 6 * Lows, 7 * Lows)).AsByte();
    }

    private struct Blocks256 : IBlocks
    {
        private Vector256<byte> _separator;
        private Vector256<byte> _quote;
        private ulong _quoting;

        public void Set(byte separator, int quote)
        {
            _separator = Vector256.Create(separator);
            _quote = Vector256.Create((byte)quote);
            _quoting = quote < 0 ? 0 : ulong.MaxValue;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Load(ref byte block, out ulong separators, out ulong newlines, out ulong quotes, out ulong nuls)
        {
            Vector256<byte> a = Vector256.LoadUnsafe(ref block);
            Vector256<byte> b = Vector256.LoadUnsafe(ref block, 32);
            separators = Bits(a, b, _separator);
            newlines = Bits(a, b, Vector256.Create((byte)'\n'));
            quotes = Bits(a, b, _quote) & _quoting;
            nuls = Bits(a, b, Vector256<byte>.Zero);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Write(ulong bits, int at, ref int position) => WriteBits(bits, at, ref position, 0);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong Bits(Vector256<byte> a, Vector256<byte> b, Vector256<byte> value) =>
            Vector256.Equals(a, value).ExtractMostSignificantBits() | ((ulong)Vector256.Equals(b, value).ExtractMostSignificantBits() << 32);
    }

    private struct BlocksScalar : IBlocks
    {
        private byte _separator;
        private int _quote;

        public void Set(byte separator, int quote)
        {
            _separator = separator;
            _quote = quote;
        }

        public readonly void Load(ref byte block, out ulong separators, out ulong newlines, out ulong quotes, out ulong nuls)
        {
            separators = newlines = quotes = nuls = 0;
            for (int word = 0; word < 8; word++)
            {
                ulong bytes = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref block, word * 8));
                separators |= Bits(bytes, _separator) << (word * 8);
                newlines |= Bits(bytes, (byte)'\n') << (word * 8);
                quotes |= _quote < 0 ? 0 : Bits(bytes, (byte)_quote) << (word * 8);
                nuls |= Bits(bytes, 0) << (word * 8);
            }
        }

        public readonly void Write(ulong bits, int at, ref int position) => WriteBits(bits, at, ref position, 0);

        /// <summary>A bit for each of the eight bytes that equals <paramref name="value"/>, exactly.</summary>
        private static ulong Bits(ulong bytes, byte value)
        {
            ulong difference = bytes ^ (Lows * value);
            ulong low = (difference & ~Highs) + ~Highs;
            ulong equal = ~(low | difference) & Highs;
            return ((equal >> 7) * 0x0102040810204080) >> 56;
        }
    }
}
