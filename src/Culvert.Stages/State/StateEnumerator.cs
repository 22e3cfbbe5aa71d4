namespace Culvert.Stages;

/// <summary>Goes through the entries of a table or of a version in order of hash, then of key.</summary>
public unsafe ref struct StateEnumerator
{
    private readonly StatePageLayout _layout;
    private readonly ReadOnlySpan<ulong> _directory;
    private readonly int _globalDepth;
    private readonly ulong[] _hashes;
    private readonly ushort[] _offsets;
    private byte* _page;
    private int _directoryNext;
    private int _count;
    private int _index;

    internal StateEnumerator(in StatePageLayout layout, ReadOnlySpan<ulong> directory, int globalDepth)
    {
        _layout = layout;
        _directory = directory;
        _globalDepth = globalDepth;
        _hashes = new ulong[layout.EntriesMax];
        _offsets = new ushort[layout.EntriesMax];
        _index = -1;
    }

    /// <summary>The entry at hand.</summary>
    public readonly StateEntry Current
    {
        get
        {
            byte* entry = _page + _offsets[_index];
            return new StateEntry(_hashes[_index], _layout.Key(entry), _layout.Value(entry));
        }
    }

    /// <summary>Goes on to the next entry.</summary>
    public bool MoveNext()
    {
        _index++;
        while (_index >= _count)
        {
            if (_directoryNext >= _directory.Length)
            {
                return false;
            }

            ulong reference = _directory[_directoryNext];
            _directoryNext += 1 << (_globalDepth - StateTable.Depth(reference));
            _page = StateTable.Page(reference);
            _count = _layout.Order(_page, _hashes, _offsets);
            _index = 0;
        }

        return true;
    }
}
