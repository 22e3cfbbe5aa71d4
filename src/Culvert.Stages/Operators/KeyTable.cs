using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Keys of several columns as the keys of a <see cref="StateTable"/>, and back, in order.</summary>
internal sealed class KeyTable
{
    private readonly KeyCodec[] _codecs;
    private readonly ByteBuffer _key = new();

    internal KeyTable(ImmutableArray<ColumnType> types)
    {
        _codecs = [.. types.Select(KeyCodec.Create)];
        bool isFixed = types.Length > 0 && types.All(t => !t.Nullable && !t.IsBytes && t.Kind != ValueKind.Decimal);
        KeySize = isFixed ? types.Length * sizeof(ulong) : 0;
    }

    /// <summary>Bytes of a key, or 0 where they differ.</summary>
    internal int KeySize { get; }

    /// <summary>A row's key; valid until the next call. Without key columns it is a single 0, since a table wants a key.</summary>
    internal ReadOnlySpan<byte> Encode(ReadOnlySpan<Column> columns, int row)
    {
        _key.Clear();
        for (int c = 0; c < _codecs.Length; c++)
        {
            _codecs[c].Encode(columns[c], row, _key);
        }

        if (_codecs.Length == 0)
        {
            _key.Append(1)[0] = 0;
        }

        return _key.Span;
    }

    /// <summary>Appends a key's columns to the first of the builders.</summary>
    internal void Decode(ReadOnlySpan<byte> key, ReadOnlySpan<ColumnBuilder> builders)
    {
        for (int c = 0; c < _codecs.Length; c++)
        {
            key = _codecs[c].Decode(key, builders[c]);
        }
    }

    /// <summary>
    /// A table's entries in the order of their keys. Holds a copy of all keys and values meanwhile: the price of results
    /// that come out sorted.
    /// </summary>
    internal static SortedEntries Sort(StateTable table)
    {
        ByteBuffer bytes = new();
        List<(int Key, int Value, int End)> entries = new((int)Math.Min(table.Count, int.MaxValue / 2));
        foreach (StateEntry entry in table)
        {
            int key = bytes.Length;
            bytes.Append(entry.Key);
            int value = bytes.Length;
            bytes.Append(entry.Value);
            entries.Add((key, value, bytes.Length));
        }

        entries.Sort((x, y) => bytes.Span[x.Key..x.Value].SequenceCompareTo(bytes.Span[y.Key..y.Value]));
        return new SortedEntries(bytes, entries);
    }
}

/// <summary>Entries of a table in the order of their keys.</summary>
internal sealed class SortedEntries(ByteBuffer bytes, List<(int Key, int Value, int End)> entries)
{
    internal int Count => entries.Count;

    internal ReadOnlySpan<byte> Key(int index) => bytes.Span[entries[index].Key..entries[index].Value];

    internal ReadOnlySpan<byte> Value(int index) => bytes.Span[entries[index].Value..entries[index].End];
}
