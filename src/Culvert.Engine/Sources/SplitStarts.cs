namespace Culvert.Engine;

/// <summary>
/// Where the first row of each split of one file starts. Whether a line end ends a row is known only to who knows whether
/// it lies in quotes, so each split is decoded from a guess (the first line behind its start) and tells where its last row
/// ended; the guess of the next was right if it is that place. The first split's start is known, and so, one by one, are
/// all. Thread safe.
/// </summary>
internal sealed class SplitStarts
{
    private readonly Lock _lock = new();
    private readonly long _splitBytes;
    private readonly Split[] _splits;

    public SplitStarts(long dataStart, long length, long splitBytes)
    {
        _splitBytes = splitBytes;
        _splits = new Split[checked((int)((length + splitBytes - 1) / splitBytes)) + 1];
        Array.Fill(_splits, new Split(-1, -1, -1));
        _splits[0].Start = dataStart;
    }

    /// <summary>How many splits the file has.</summary>
    public int Count => _splits.Length - 1;

    /// <summary>Where a split's bytes end.</summary>
    public long End(int split) => (split + 1) * _splitBytes;

    /// <summary>Where a split's first row is known to start (behind the split, if none starts in it), or -1.</summary>
    public long Known(int split)
    {
        lock (_lock)
        {
            return Advance(split, out _) == split ? _splits[split].Start : -1;
        }
    }

    /// <summary>Tells that a row that starts at <paramref name="start"/>, taken for the first of the split, leads to <paramref name="end"/> as the first behind it.</summary>
    public void Tell(int split, long start, long end)
    {
        lock (_lock)
        {
            (_splits[split].GuessedStart, _splits[split].GuessedEnd) = (start, end);
        }
    }

    /// <summary>Tells where a split's first row starts for certain.</summary>
    public void TellKnown(int split, long start)
    {
        lock (_lock)
        {
            _splits[split].Start = start;
        }
    }

    /// <summary>
    /// Where a split's first row starts. Splits before it that nobody has decoded yet are waited for a moment and else read
    /// here, with <paramref name="findEnd"/>, which is given a split and its start and tells where the first row behind starts.
    /// </summary>
    public long Find(int split, Func<int, long, long> findEnd)
    {
        while (true)
        {
            int last;
            long start;
            lock (_lock)
            {
                last = Advance(split, out start);
            }

            if (last == split)
            {
                return start;
            }

            if (!WaitFor(last, start))
            {
                Tell(last, start, findEnd(last, start));
            }
        }
    }

    /// <summary>The last split up to <paramref name="split"/> whose start follows from what was told, and its start.</summary>
    private int Advance(int split, out long start)
    {
        int i = split;
        while (_splits[i].Start < 0)
        {
            i--;
        }

        while (i < split)
        {
            start = _splits[i].Start;
            long next = start >= End(i) ? start : _splits[i].GuessedStart == start ? _splits[i].GuessedEnd : -1;
            if (next < 0)
            {
                return i;
            }

            _splits[++i].Start = next;
        }

        start = _splits[split].Start;
        return split;
    }

    /// <summary>Partitions are read side by side, so that the split before is mostly about to be told.</summary>
    private bool WaitFor(int split, long start)
    {
        const int SpinsMax = 200;
        SpinWait spin = default;
        for (int i = 0; i < SpinsMax; i++)
        {
            lock (_lock)
            {
                if (_splits[split].GuessedStart == start)
                {
                    return true;
                }

                if (!_splits[split].Claimed)
                {
                    return false;
                }
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }

        return false;
    }

    /// <summary>Tells that a split is being decoded.</summary>
    public void Claim(int split)
    {
        lock (_lock)
        {
            _splits[split].Claimed = true;
        }
    }

    private record struct Split(long Start, long GuessedStart, long GuessedEnd, bool Claimed = false);
}
