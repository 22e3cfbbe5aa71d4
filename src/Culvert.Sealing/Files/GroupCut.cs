namespace Culvert.Sealing;

/// <summary>Consecutive row groups of a strand: what one round of one partition reads.</summary>
/// <param name="File">Index of the file, from 0.</param>
/// <param name="Strand">Strand of the file.</param>
/// <param name="FirstGroup">First row group.</param>
/// <param name="GroupCount">How many, at least 1.</param>
public readonly record struct GroupUnit(int File, int Strand, int FirstGroup, int GroupCount);

/// <summary>
/// Which row groups belong to which partition and round, from nothing but how many there are, so that everybody who reads the
/// same files cuts them alike. Each strand is cut into units of as many groups (the last has what is left); the units of all
/// files' strands, in order, go to the partitions in turn, and each is a round. Immutable.
/// </summary>
public sealed class GroupCut
{
    private readonly List<(int File, int Strand, int Groups, long FirstUnit)> _strands = [];
    private readonly int _partitions;
    private readonly int _groupsPerUnit;

    /// <summary>Cuts files.</summary>
    /// <param name="files">For each file, for each of its strands, how many row groups it has.</param>
    /// <param name="partitions">Partitions, at least 1.</param>
    /// <param name="groupsPerUnit">Row groups of a unit, at least 1.</param>
    public GroupCut(IEnumerable<IEnumerable<int>> files, int partitions, int groupsPerUnit = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(groupsPerUnit, 1);
        (_partitions, _groupsPerUnit) = (partitions, groupsPerUnit);
        foreach ((int file, IEnumerable<int> strands) in files.Index())
        {
            foreach ((int strand, int groups) in strands.Index())
            {
                if (groups > 0)
                {
                    _strands.Add((file, strand, groups, UnitCount));
                    UnitCount += ((long)groups + groupsPerUnit - 1) / groupsPerUnit;
                }
            }
        }
    }

    /// <summary>Units of all partitions.</summary>
    public long UnitCount { get; }

    /// <summary>What a partition reads in a round, counted from 0; null behind its last.</summary>
    public GroupUnit? At(PartitionId partition, long round)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)partition.Value, (uint)_partitions, nameof(partition));
        ArgumentOutOfRangeException.ThrowIfNegative(round);
        if (round >= (UnitCount - partition.Value + _partitions - 1) / _partitions)
        {
            return null;
        }

        long unit = partition.Value + (round * _partitions);
        int low = 0;
        for (int high = _strands.Count - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _strands[middle].FirstUnit <= unit ? (middle, high) : (low, middle - 1);
        }

        (int file, int strand, int groups, long first) = _strands[low];
        int group = checked((int)((unit - first) * _groupsPerUnit));
        return new GroupUnit(file, strand, group, Math.Min(_groupsPerUnit, groups - group));
    }
}
