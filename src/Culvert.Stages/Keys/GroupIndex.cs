using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Numbers the distinct keys of several columns densely for as long as a round lasts: each column's values are numbered,
/// and then the pairs of numbers, so that a key is never put together while rows pass.
/// </summary>
internal sealed class GroupIndex
{
    private readonly KeyIndex[] _columns;
    private readonly IdTable[] _pairs;
    private readonly List<(int Left, int Right)>[] _pairsByNumber;
    private int[] _scratch = [];
    private bool _single;

    /// <summary>An index over columns of the given types; with none there is one group.</summary>
    internal GroupIndex(ImmutableArray<ColumnType> types)
    {
        _columns = [.. types.Select(KeyIndex.Create)];
        int pairs = Math.Max(0, _columns.Length - 1);
        _pairs = [.. Enumerable.Range(0, pairs).Select(_ => new IdTable())];
        _pairsByNumber = [.. Enumerable.Range(0, pairs).Select(_ => new List<(int, int)>())];
    }

    internal int Count =>
        _columns.Length == 0 ? (_single ? 1 : 0)
        : _pairs.Length == 0 ? _columns[0].Count
        : _pairsByNumber[^1].Count;

    /// <summary>Writes the number of each row's key.</summary>
    internal void Assign(ReadOnlySpan<Column> columns, Span<int> groups)
    {
        if (_columns.Length == 0)
        {
            groups.Clear();
            _single |= groups.Length > 0;
            return;
        }

        _columns[0].Assign(columns[0], groups);
        if (_pairs.Length > 0 && _scratch.Length < groups.Length)
        {
            _scratch = new int[groups.Length];
        }

        for (int c = 1; c < _columns.Length; c++)
        {
            Span<int> right = _scratch.AsSpan(0, groups.Length);
            _columns[c].Assign(columns[c], right);
            IdTable table = _pairs[c - 1];
            List<(int Left, int Right)> byNumber = _pairsByNumber[c - 1];
            for (int i = 0; i < groups.Length; i++)
            {
                int number = table.GetOrAdd(((ulong)(uint)groups[i] << 32) | (uint)right[i], byNumber.Count);
                if (number == byNumber.Count)
                {
                    byNumber.Add((groups[i], right[i]));
                }

                groups[i] = number;
            }
        }
    }

    /// <summary>The keys of the given numbers as columns.</summary>
    internal Column[] Build(ReadOnlySpan<int> numbers)
    {
        if (_columns.Length == 1)
        {
            return [_columns[0].Build(numbers)];
        }

        Column[] keys = new Column[_columns.Length];
        int[] left = numbers.ToArray();
        int[] right = new int[left.Length];
        for (int c = _columns.Length - 1; c > 0; c--)
        {
            List<(int Left, int Right)> pairs = _pairsByNumber[c - 1];
            for (int i = 0; i < left.Length; i++)
            {
                (left[i], right[i]) = pairs[left[i]];
            }

            keys[c] = _columns[c].Build(right);
        }

        if (_columns.Length > 0)
        {
            keys[0] = _columns[0].Build(left);
        }

        return keys;
    }

    /// <summary>Forgets all keys.</summary>
    internal void Clear()
    {
        foreach (KeyIndex column in _columns)
        {
            column.Clear();
        }

        foreach (IdTable pair in _pairs)
        {
            pair.Clear();
        }

        foreach (List<(int, int)> pairs in _pairsByNumber)
        {
            pairs.Clear();
        }

        _single = false;
    }
}
