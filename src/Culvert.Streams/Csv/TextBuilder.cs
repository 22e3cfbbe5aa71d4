using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>
/// Text and bytes: by number into a dictionary that grows over the batches, or, once the values turned out to be too many
/// for that to pay, laid end to end.
/// </summary>
internal sealed class TextBuilder : FieldBuilder
{
    /// <summary>Entries beyond which a dictionary costs more cache than it saves.</summary>
    private const int EntriesMax = 16_384;

    /// <summary>Bytes of entries beyond which copying the dictionary whenever it grew costs too much.</summary>
    private const int EntryBytesMax = 1 << 20;

    /// <summary>Rows after which a dictionary must have at most one entry for every two of them.</summary>
    private const int TrialRows = 2_048;

    private readonly TextDictionary? _dictionary;
    private bool _byNumber;
    private long _rowsByNumber;
    private int[]? _codesOrOffsets;
    private byte[]? _bytes;
    private int _length;
    private byte[] _scratch = [];

    public TextBuilder(ColumnType type, MissingValues missing, ColumnPool pool, int capacity)
        : base(type, missing, pool, capacity)
    {
        _byNumber = type.Kind == ValueKind.Text;
        if (_byNumber)
        {
            _dictionary = new TextDictionary(type, pool);
            foreach (byte[] value in missing.Values)
            {
                if (type.Nullable && value.Length is >= 1 and <= TextDictionary.WordBytesMax && !value.Contains((byte)0))
                {
                    _dictionary.AddMissing(value);
                }
            }
        }
    }

    public override void Read(in FieldRun run, int row)
    {
        _codesOrOffsets ??= Pool.Rent<int>(Capacity + 1);
        Invariant.Holds(row + run.Rows <= Capacity && run.First + (long)run.Rows * run.Stride < run.Positions.Length);
        if (_byNumber)
        {
            ReadCodes(run, row);
        }
        else
        {
            ReadBytes(run, row);
        }
    }

    public override Column Finish(int rows)
    {
        int[] array = _codesOrOffsets ?? Pool.Rent<int>(Capacity + 1);
        _codesOrOffsets = null;
        if (!_byNumber)
        {
            byte[] bytes = _bytes ?? [];
            array[0] = 0;
            (_bytes, _length) = (null, 0);
            return new TextColumn(Type, array, bytes, rows, TakeValidity(rows), Pool);
        }

        DictionaryColumn column = new(Type, array, _dictionary!.Column(), rows, TakeValidity(rows), Pool);
        _rowsByNumber += rows;
        if (_dictionary.Count > EntriesMax || column.Dictionary.Data.Length > EntryBytesMax
            || (_rowsByNumber >= TrialRows && _dictionary.Count > _rowsByNumber / 2))
        {
            _byNumber = false;
            _dictionary.Dispose();
        }

        return column;
    }

    protected override void ReturnArrays()
    {
        _dictionary?.Dispose();
        if (_codesOrOffsets is not null)
        {
            Pool.Return(_codesOrOffsets);
            _codesOrOffsets = null;
        }

        if (_bytes is not null)
        {
            Pool.Return(_bytes);
            _bytes = null;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadCodes(in FieldRun run, int row)
    {
        ref byte data = ref MemoryMarshal.GetArrayDataReference(run.Data);
        ref int delimiter = ref run.Positions[run.First];
        ref int code = ref _codesOrOffsets![row];
        TextDictionary dictionary = _dictionary!;
        bool simple = run.Quote < 0;
        for (int i = 0; i < run.Rows; i++)
        {
            int start = run.Locate(ref delimiter, out int length);
            delimiter = ref Unsafe.Add(ref delimiter, run.Stride);
            if (simple && (uint)(length - 1) < TextDictionary.WordBytesMax)
            {
                int unused = 64 - (length * 8);
                ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref data, start)) << unused >> unused;
                int found = dictionary.Code(word);
                if (found >= 0)
                {
                    Unsafe.Add(ref code, i) = found;
                    continue;
                }
            }

            Unsafe.Add(ref code, i) = CodeCarefully(run, row + i, start, length);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int CodeCarefully(in FieldRun run, int row, int start, int length)
    {
        ReadOnlySpan<byte> value = run.Content(start, length, ref _scratch, out bool quoted);
        if (!quoted && Type.Nullable && Missing.Contains(value))
        {
            SetMissing(row);
            return 0;
        }

        int code = _dictionary!.Code(value);
        Invariant.Holds(code >= 0 || quoted);
        return code >= 0 ? code : _dictionary.CodeByHash(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadBytes(in FieldRun run, int row)
    {
        int[] offsets = _codesOrOffsets!;
        int index = run.First;
        for (int i = 0; i < run.Rows; i++, index += run.Stride)
        {
            int start = run.Locate(ref run.Positions[index], out int length);
            ReadOnlySpan<byte> value = run.Content(start, length, ref _scratch, out bool quoted);
            if (!quoted && Type.Nullable && Missing.Contains(value))
            {
                SetMissing(row + i);
                value = default;
            }

            if (_bytes is null || _bytes.Length - _length < value.Length)
            {
                Grow(value.Length);
            }

            value.CopyTo(_bytes.AsSpan(_length));
            _length += value.Length;
            offsets[row + i + 1] = _length;
        }
    }

    private void Grow(int more)
    {
        byte[] larger = Pool.Rent<byte>(Math.Max(checked(_length + more), Math.Max(Capacity * 8, _length * 2)));
        if (_bytes is not null)
        {
            _bytes.AsSpan(0, _length).CopyTo(larger);
            Pool.Return(_bytes);
        }

        _bytes = larger;
    }
}
