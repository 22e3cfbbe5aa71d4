namespace Culvert.Stages;

/// <content>How a table is built from the pages of a snapshot.</content>
public sealed unsafe partial class StateTable
{
    /// <summary>
    /// Makes a table of empty pages that tile the hashes in order, each of a depth; null when the depths do not tile.
    /// The page at index i gets the stamp i + 1.
    /// </summary>
    internal static StateTable? TryRestore(int keySize, int valueSize, ReadOnlySpan<byte> depths, StateBudget? budget = null)
    {
        int globalDepth = 1;
        UInt128 covered = 0;
        foreach (byte depth in depths)
        {
            if (depth is 0 or > GlobalDepthMax || (covered & ((UInt128.One << (64 - depth)) - 1)) != 0)
            {
                return null;
            }

            globalDepth = Math.Max(globalDepth, depth);
            covered += UInt128.One << (64 - depth);
        }

        if (covered != UInt128.One << 64 || (1L << globalDepth) / (2 * DirectoryEntriesPerPageMax) > depths.Length)
        {
            return null;
        }

        StateTable table = new(keySize, valueSize, budget, isEmpty: false);
        table.Restore(globalDepth, depths);
        return table;
    }

    /// <summary>Fills a page of a table that is being restored; says what is wrong with the bytes, or null.</summary>
    internal string? RestorePage(ulong prefix, ReadOnlySpan<byte> payload)
    {
        ulong reference = _directory[prefix >> (64 - _globalDepth)];
        if (_budget is not null && !IsVacant(reference))
        {
            return "a page is there twice";
        }

        byte* page = _budget is null ? Page(reference) : Occupy(_budget, reference, prefix);
        if (StatePageLayout.Count(page) != 0)
        {
            return "a page is there twice";
        }

        string? flaw = StatePageCodec.Decode(_layout, _pages, page, Depth(reference), prefix, payload);
        Count += StatePageLayout.Count(page);
        return flaw;
    }

    private void Restore(int globalDepth, ReadOnlySpan<byte> depths)
    {
        SetDirectory(new ulong[1 << globalDepth], globalDepth);
        _pageCount = depths.Length;
        int at = 0;
        foreach (byte depth in depths)
        {
            int span = 1 << (globalDepth - depth);
            // Not writable, so that the first write gives it a new stamp. Within a budget it gets a frame when it is filled.
            _directory.AsSpan(at, span).Fill(_budget is null
                ? Reference(NewPage(), depth) & ~(WritableBit | OwnedBit)
                : (_stamps++ << PageShift) | OutBit | VacantBit | ((ulong)depth << DepthShift));
            at += span;
        }
    }
}
