namespace Culvert.Sealing.Tests;

public sealed class GroupCutTests
{
    [Fact]
    public void Units_go_to_the_partitions_in_turn_over_all_files_strands()
    {
        GroupCut cut = new([[3, 0, 1], [], [2]], partitions: 4);

        Assert.Equal(6, cut.UnitCount);
        Assert.Equal(new GroupUnit(0, 0, 0, 1), cut.At(new PartitionId(0), 0));
        Assert.Equal(new GroupUnit(0, 0, 2, 1), cut.At(new PartitionId(2), 0));
        Assert.Equal(new GroupUnit(0, 2, 0, 1), cut.At(new PartitionId(3), 0));
        Assert.Equal(new GroupUnit(2, 0, 0, 1), cut.At(new PartitionId(0), 1));
        Assert.Equal(new GroupUnit(2, 0, 1, 1), cut.At(new PartitionId(1), 1));
        Assert.Null(cut.At(new PartitionId(2), 1));
        Assert.Null(cut.At(new PartitionId(0), long.MaxValue));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(8, 5)]
    public void Every_group_belongs_to_one_partition_and_round(int partitions, int groupsPerUnit)
    {
        Random random = new(partitions);
        int[][] files = [.. Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(12)).ToArray())];
        GroupCut cut = new(files, partitions, groupsPerUnit);

        List<(int, int, int)> read = [];
        for (int p = 0; p < partitions; p++)
        {
            for (long round = 0; cut.At(new PartitionId(p), round) is { } unit; round++)
            {
                Assert.InRange(unit.GroupCount, 1, groupsPerUnit);
                read.AddRange(Enumerable.Range(unit.FirstGroup, unit.GroupCount).Select(g => (unit.File, unit.Strand, g)));
            }
        }

        Assert.Equal(
            files.SelectMany((strands, f) => strands.SelectMany((groups, s) => Enumerable.Range(0, groups).Select(g => (f, s, g)))),
            read.Order());
    }

    [Fact]
    public void Nothing_to_read_is_no_unit()
    {
        GroupCut cut = new([], 2);
        Assert.Null(cut.At(new PartitionId(0), 0));
        Assert.Null(cut.At(new PartitionId(1), 0));
    }
}
