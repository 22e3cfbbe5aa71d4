namespace Culvert.Stages;

/// <summary>
/// Goes through the entries of a table or of a version in order of hash, then of key. Within a budget it makes nothing resident,
/// and fails with a <see cref="StateIntegrityException"/> where a page outside is not what was put there.
/// </summary>
public unsafe ref struct StateEnumerator
{
    private readonly StatePageReader _reader;
    private readonly ReadOnlySpan<ulong> _directory;
    private readonly int _globalDepth;
    private readonly ulong[] _hashes;
    private readonly ushort[] _offsets;
    private byte* _page;
    private int _directoryNext;
    private int _count;
    private int _index;

    internal StateEnumerator(StatePageReader reader, ReadOnlySpan<ulong> directory, int globalDepth)
    {
        _reader = reader;
        _directory = directory;
        _globalDepth = globalDepth;
        _hashes = new ulong[reader.Layout.EntriesMax];
        _offsets = new ushort[reader.Layout.EntriesMax];
        _index = -1;
    }

    /// <summary>The entry at hand.</summary>
    public readonly StateEntry Current
    {
        get
        {
            byte* entry = _page + _offsets[_index];
            return new StateEntry(_hashes[_index], _reader.Layout.Key(entry), _reader.Value(entry));
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

            ref readonly ulong reference = ref _directory[_directoryNext];
            _page = _reader.Read(in reference);
            _directoryNext += 1 << (_globalDepth - StateTable.Depth(reference));
            _count = _reader.Layout.Order(_page, _hashes, _offsets);
            _index = 0;
        }

        return true;
    }

    /// <summary>Lets go of what reading took; <c>foreach</c> does it.</summary>
    public readonly void Dispose() => _reader.Dispose();
}
