using System.Runtime.InteropServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Numbers text and bytes. A dictionary-encoded column is looked up once per entry, not once per row.</summary>
internal sealed class BytesKeyIndex(ColumnType type) : KeyIndex
{
    private readonly List<(int Start, int Length)> _values = [];
    private readonly Dictionary<ulong, int> _firstByHash = [];
    private readonly List<int> _nextOfSameHash = [];
    private readonly ByteBuffer _bytes = new();
    private int[] _byCode = []; // number + 1 of the dictionary's entries
    private TextColumn? _dictionary; // whose entries _byCode knows; held, so that its arrays are not used again
    private int _missing = -1;

    internal override int Count => _values.Count;

    internal override void Assign(Column column, Span<int> ids)
    {
        if (column is DictionaryColumn coded)
        {
            AssignCodes(coded, ids);
            return;
        }

        BytesColumn bytes = (BytesColumn)column;
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = bytes.IsNull(i) ? Missing() : NumberOf(bytes.GetBytes(i));
        }
    }

    internal override Column Build(ReadOnlySpan<int> ids)
    {
        TextColumnBuilder builder = new(type);
        foreach (int id in ids)
        {
            if (id == _missing)
            {
                builder.AppendNull();
            }
            else
            {
                builder.Append(_bytes.Span.Slice(_values[id].Start, _values[id].Length));
            }
        }

        return builder.Build();
    }

    internal override void Clear()
    {
        _values.Clear();
        _firstByHash.Clear();
        _nextOfSameHash.Clear();
        _bytes.Clear();
        _byCode.AsSpan().Clear();
        _dictionary?.Dispose();
        _dictionary = null;
        _missing = -1;
    }

    private void AssignCodes(DictionaryColumn column, Span<int> ids)
    {
        TextColumn dictionary = column.Dictionary;
        if (!ReferenceEquals(dictionary, _dictionary))
        {
            _dictionary?.Dispose();
            _dictionary = (TextColumn)dictionary.Retain();
            if (_byCode.Length < dictionary.Count)
            {
                _byCode = new int[Math.Max(dictionary.Count, 64)];
            }
            else
            {
                _byCode.AsSpan().Clear();
            }
        }

        ReadOnlySpan<int> codes = column.Codes;
        int[] byCode = _byCode;
        if (column.AllValid)
        {
            for (int i = 0; i < codes.Length; i++)
            {
                int id = byCode[codes[i]] - 1;
                ids[i] = id >= 0 ? id : NumberOfCode(codes[i]);
            }

            return;
        }

        for (int i = 0; i < codes.Length; i++)
        {
            int id = byCode[codes[i]] - 1;
            ids[i] = column.IsNull(i) ? Missing() : id >= 0 ? id : NumberOfCode(codes[i]);
        }
    }

    private int NumberOfCode(int code)
    {
        int id = NumberOf(_dictionary!.GetBytes(code));
        _byCode[code] = id + 1;
        return id;
    }

    private int Missing() => _missing >= 0 ? _missing : _missing = Append(default);

    private int NumberOf(ReadOnlySpan<byte> value)
    {
        ref int first = ref CollectionsMarshal.GetValueRefOrAddDefault(_firstByHash, StateHash.Of(value), out bool known);
        if (known)
        {
            for (int id = first; id >= 0; id = _nextOfSameHash[id])
            {
                if (_bytes.Span.Slice(_values[id].Start, _values[id].Length).SequenceEqual(value))
                {
                    return id;
                }
            }
        }

        int added = Append(value);
        _nextOfSameHash[added] = known ? first : -1;
        first = added;
        return added;
    }

    private int Append(ReadOnlySpan<byte> value)
    {
        _values.Add((_bytes.Length, value.Length));
        _nextOfSameHash.Add(-1);
        _bytes.Append(value);
        return _values.Count - 1;
    }
}
