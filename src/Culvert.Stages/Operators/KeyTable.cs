using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Keys of several columns as the keys of a <see cref="StateTable"/>, and back, in order.</summary>
internal sealed class KeyTable
{
    /// <summary>Parts of a budget, of which a sorted piece takes one.</summary>
    private const int PiecesPerBudget = 8;

    /// <summary>Keys looked at per piece, so that none is far larger than the others.</summary>
    private const int SamplesPerPiece = 64;

    /// <summary>Keys looked at in all.</summary>
    private const int SampleMax = 1 << 16;

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
    /// A table's entries in the order of their keys, in one or more pieces. Holds a copy of a piece's keys and values meanwhile:
    /// the price of results that come out sorted. Where the table exceeds its budget, a piece takes an eighth of that (keys and values only), and the
    /// table is gone through once for every piece.
    /// </summary>
    internal static IEnumerable<SortedEntries> Sort(StateTable table)
    {
        if (table.Budget is not { } budget || table.SizeBytes <= budget.Bytes / PiecesPerBudget)
        {
            yield return Sort(table, null, null);
            yield break;
        }

        // A piece, its places, and the room in which both double: half of the budget, which pages leave for it.
        long copiesBytes = 4 * (budget.Bytes / PiecesPerBudget);
        budget.Count(copiesBytes);
        try
        {
            budget.MakeRoom(0);
            byte[][] bounds = Bounds(table, 1 + (table.SizeBytes * PiecesPerBudget / budget.Bytes));
            for (int i = 0; i <= bounds.Length; i++)
            {
                yield return Sort(table, i == 0 ? null : bounds[i - 1], i == bounds.Length ? null : bounds[i]);
            }
        }
        finally
        {
            budget.Count(-copiesBytes);
        }
    }

    /// <summary>Keys that cut a table's entries into pieces of about one size.</summary>
    private static byte[][] Bounds(StateTable table, long pieces)
    {
        long every = Math.Max(1, table.Count / Math.Min(SampleMax, pieces * SamplesPerPiece));
        List<byte[]> sample = [];
        long number = 0;
        foreach (StateEntry entry in table)
        {
            if (number++ % every == 0)
            {
                sample.Add(entry.Key.ToArray());
            }
        }

        if (sample.Count == 0)
        {
            return []; // an empty table has pages, too
        }

        sample.Sort((x, y) => x.AsSpan().SequenceCompareTo(y));
        return [.. Enumerable.Range(1, (int)pieces - 1).Select(i => sample[(int)(i * sample.Count / pieces)]).DistinctBy(Convert.ToHexString)];
    }

    private static SortedEntries Sort(StateTable table, byte[]? from, byte[]? to)
    {
        ByteBuffer bytes = new();
        List<(int Key, int Value, int End)> entries = new(from is null && to is null ? (int)Math.Min(table.Count, int.MaxValue / 2) : 0);
        foreach (StateEntry entry in table)
        {
            if ((from is not null && entry.Key.SequenceCompareTo(from) < 0) || (to is not null && entry.Key.SequenceCompareTo(to) >= 0))
            {
                continue;
            }

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
