using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Gathers a column of a row group from slices of batches, and encodes it. Not thread safe.</summary>
internal abstract class ColumnGatherer(ColumnType type, int rowsMax) : IDisposable
{
    private readonly ulong[] _validity = new ulong[Bitmap.WordCount(rowsMax)];
    private byte[] _output = [];

    protected int Rows { get; private set; }

    protected bool SomeMissing { get; private set; }

    protected ColumnType Type => type;

    /// <summary>The bitmap; empty when no value is missing.</summary>
    protected ReadOnlySpan<ulong> Validity => SomeMissing ? _validity.AsSpan(0, Bitmap.WordCount(Rows)) : default;

    internal static ColumnGatherer Create(ColumnType type, int rowsMax) => type.IsBytes
        ? new TextGatherer(type, rowsMax)
        : ValueKinds.Visit(type.Kind, new Maker(type, rowsMax));

    internal void Append(Column column, int start, int count)
    {
        if (column.AllValid)
        {
            SetBits(_validity, Rows, count);
        }
        else
        {
            SomeMissing |= CopyBits(column.Validity, start, _validity, Rows, count);
        }

        AppendValues(column, start, count);
        Rows += count;
    }

    /// <summary>How many of the rows can be taken before the column has too many bytes for a group.</summary>
    internal virtual int RowsThatFit(Column column, int start, int count) => count;

    internal abstract EncodedColumn Encode();

    internal virtual void Clear()
    {
        _validity.AsSpan(0, Bitmap.WordCount(Rows)).Clear();
        (Rows, SomeMissing) = (0, false);
    }

    public virtual void Dispose()
    {
    }

    protected abstract void AppendValues(Column column, int start, int count);

    /// <summary>Room for the values, with the bitmap already behind them where there is one.</summary>
    protected Span<byte> Output(int valueBytes)
    {
        ReadOnlySpan<byte> bitmap = MemoryMarshal.AsBytes(Validity);
        int length = checked(valueBytes + bitmap.Length);
        if (_output.Length < length)
        {
            _output = new byte[Math.Max(length, Math.Min(2 * _output.Length, Array.MaxLength))];
        }

        bitmap.CopyTo(_output.AsSpan(valueBytes));
        OutputBytes = length;
        return _output.AsSpan(0, valueBytes);
    }

    protected int OutputBytes { get; private set; }

    protected EncodedColumn Encoded(ColumnEncoding encoding) => new(encoding.ToBytes(), _output.AsMemory(0, OutputBytes));

    private static void SetBits(Span<ulong> bits, int at, int count)
    {
        for (int end = at + count; at < end;)
        {
            int shift = at & 63;
            int some = Math.Min(64 - shift, end - at);
            bits[at >> 6] |= (some == 64 ? ulong.MaxValue : (1UL << some) - 1) << shift;
            at += some;
        }
    }

    /// <summary>Copies bits onto zeros; true when some of them are clear.</summary>
    private static bool CopyBits(ReadOnlySpan<ulong> source, int start, Span<ulong> bits, int at, int count)
    {
        bool clear = false;
        for (int done = 0; done < count;)
        {
            (int shift, int sourceShift) = ((at + done) & 63, (start + done) & 63);
            int some = Math.Min(Math.Min(64 - shift, 64 - sourceShift), count - done);
            ulong mask = some == 64 ? ulong.MaxValue : (1UL << some) - 1;
            ulong word = source[(start + done) >> 6] >> sourceShift & mask;
            clear |= word != mask;
            bits[(at + done) >> 6] |= word << shift;
            done += some;
        }

        return clear;
    }

    private sealed class Maker(ColumnType type, int rowsMax) : IValueKindVisitor<ColumnGatherer>
    {
        public ColumnGatherer Visit<T>()
            where T : unmanaged => new FixedGatherer<T>(type, rowsMax);
    }
}
