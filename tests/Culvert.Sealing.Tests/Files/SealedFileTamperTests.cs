using System.Buffers.Binary;

namespace Culvert.Sealing.Tests;

/// <summary>A hostile host has the file, all files of the same owner, and no key.</summary>
public sealed class SealedFileTamperTests
{
    [Fact]
    public void One_flipped_bit_anywhere_is_refused()
    {
        byte[] file = SampleFile.Make().Bytes;
        for (int i = 0; i < file.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] altered = [.. file];
                altered[i] ^= (byte)(1 << bit);
                Assert.True(SampleFile.Verify(altered) is not null, $"byte {i}, bit {bit}");
            }
        }
    }

    [Fact]
    public void A_cut_at_any_length_is_refused()
    {
        byte[] file = SampleFile.Make().Bytes;
        for (int length = 0; length < file.Length; length++)
        {
            Failure? failure = SampleFile.Verify(file[..length]);
            Assert.True(failure is { Kind: FailureKind.Malformed or FailureKind.Missing }, $"{length} bytes: {failure}");
        }
    }

    [Fact]
    public void Bytes_behind_the_end_are_refused()
    {
        byte[] file = SampleFile.Make().Bytes;
        for (int more = 1; more < 100; more++)
        {
            Assert.NotNull(SampleFile.Verify([.. file, .. new byte[more]]));
        }
    }

    [Fact]
    public void Blocks_dropped_repeated_or_reordered_are_refused()
    {
        SampleFile file = SampleFile.Make(strands: 1, groups: 4);
        List<byte[]> blocks = file.Strands[0];
        for (int i = 0; i < blocks.Count; i++)
        {
            Refused(file.Join(blocks.Where((_, at) => at != i)));
            for (int j = 0; j <= blocks.Count; j++)
            {
                Refused(file.Join([.. blocks[..j], blocks[i], .. blocks[j..]]));
                if (j < blocks.Count && j != i)
                {
                    List<byte[]> swapped = [.. blocks];
                    (swapped[i], swapped[j]) = (swapped[j], swapped[i]);
                    Refused(file.Join(swapped));
                }
            }
        }
    }

    [Fact]
    public void Groups_dropped_with_the_end_rewritten_are_refused()
    {
        // A host that also renumbers what is left in the clear.
        SampleFile file = SampleFile.Make(strands: 1, groups: 3);
        byte[] end = [.. file.Strands[0][3]];
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(12), 2);
        Refused(file.Join([.. file.Strands[0][..2], end]));
        byte[] second = [.. file.Strands[0][2]];
        BinaryPrimitives.WriteInt64LittleEndian(second.AsSpan(12), 1);
        Refused(file.Join([file.Strands[0][0], second, end]));
    }

    [Fact]
    public void Blocks_of_another_file_under_the_same_key_are_refused()
    {
        SampleFile file = SampleFile.Make(seed: 1);
        SampleFile other = SampleFile.Make(seed: 2);
        for (int strand = 0; strand < 2; strand++)
        {
            for (int b = 0; b < 4; b++)
            {
                List<List<byte[]>> spliced = [.. file.Strands.Select(s => new List<byte[]>(s))];
                spliced[strand][b] = other.Strands[strand][b];
                Refused(file.Join(spliced.SelectMany(s => s)));
            }

            List<List<byte[]>> whole = [.. file.Strands];
            whole[strand] = other.Strands[strand];
            Refused(file.Join(whole.SelectMany(s => s)));
        }

        Refused([.. other.Header.Bytes.ToArray(), .. file.Strands.SelectMany(s => s).SelectMany(b => b)]);
    }

    [Fact]
    public void A_header_of_the_same_stream_with_other_contents_opens_no_block()
    {
        // Same owner, same stream id, as a rolled-back writer of headers might make.
        SampleFile file = SampleFile.Make();
        using Secret key = KeySchedule.FileKey(SampleFile.Owner, file.Header.Stream);
        SealedFileContents contents = new(SealedFileKind.Data, "sample.csv", ["how much", "when"], new byte[] { 1, 8 });
        SealedFileHeader swapped = SealedFileHeader.Seal(key, file.Header.Stream, file.Header.OwnerKey, 2, contents, new SeededEntropy(3));

        Refused([.. swapped.Bytes.ToArray(), .. file.Strands.SelectMany(s => s).SelectMany(b => b)]);
    }

    [Fact]
    public void Columns_swapped_within_a_group_or_between_groups_or_strands_are_refused_by_name()
    {
        SampleFile file = SampleFile.Make();
        (int Strand, int Group, int Column)[] places =
            [.. from strand in Enumerable.Range(0, 2) from g in Enumerable.Range(0, 3) from c in Enumerable.Range(0, 2) select (strand, g, c)];
        foreach (var one in places)
        {
            foreach (var other in places.Where(p => p.CompareTo(one) > 0))
            {
                List<List<byte[]>> strands = [.. file.Strands.Select(s => s.Select(b => b.ToArray()).ToList())];
                Span<byte> first = Column(strands[one.Strand][one.Group], one.Column);
                Span<byte> second = Column(strands[other.Strand][other.Group], other.Column);
                byte[] kept = first.ToArray();
                second.CopyTo(first);
                kept.CopyTo(second);
                Failure failure = Refused(file.Join(strands.SelectMany(s => s)));
                Assert.Equal(FailureKind.Integrity, failure.Kind);
                string name = one.Column == 0 ? "when" : "how much";
                Assert.StartsWith($"sample.sealed: strand {one.Strand}, row group {one.Group}, column '{name}'", failure.Message, StringComparison.Ordinal);
            }
        }

        static Span<byte> Column(byte[] block, int column) => block.AsSpan(block.Length - 10 + (5 * column), 5);
    }

    [Fact]
    public void Groups_of_another_strand_are_refused_even_under_a_rewritten_header()
    {
        SampleFile file = SampleFile.Make();
        byte[] moved = [.. file.Strands[1][1]];
        BinaryPrimitives.WriteInt32LittleEndian(moved.AsSpan(8), 0);
        List<byte[]> blocks = [file.Strands[0][0], moved, .. file.Strands[0][2..], .. file.Strands[1]];
        Refused(file.Join(blocks));
        file.Strands[0][1].AsSpan(20, 16).CopyTo(moved.AsSpan(20)); // and under the strand's own salt
        Failure failure = Refused(file.Join(blocks));
        Assert.StartsWith("sample.sealed: strand 0, row group 1 is not the one that the end of the strand names", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_end_a_group_of_a_rolled_back_instance_does_not_follow_others()
    {
        SampleFile file = SampleFile.Make(strands: 1);
        using Secret key = KeySchedule.FileKey(SampleFile.Owner, file.Header.Stream);
        using SealedStrandWriter rolledBack = new(key, file.Header, 0, new SeededEntropy(77));
        SampleFile.Group(rolledBack, 1, [[1], [2]]);
        byte[] foreign = SampleFile.Group(rolledBack, 1, [[3], [4]]);

        Failure failure = Refused(file.Join([file.Strands[0][0], foreign]));
        Assert.Equal(FailureKind.Integrity, failure.Kind);
        Assert.Contains("follows another row group", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_opener_refuses_blocks_that_the_host_hands_over_in_the_place_of_others()
    {
        SampleFile file = SampleFile.Make();
        using SealedFileOpener opener = SealedFileOpener.OpenAsOwner("f", SampleFile.Owner, file.Header).Value;
        StrandEnd end = opener.OpenEnd(0, file.Strands[0][3]).Value;

        Assert.Equal(FailureKind.Integrity, opener.OpenEnd(0, file.Strands[1][3]).Failure!.Kind);
        Assert.Equal(FailureKind.Integrity, opener.OpenEnd(0, file.Strands[0][0]).Failure!.Kind);
        Assert.Equal(FailureKind.Integrity, opener.OpenGroup(end, 0, Head(file.Strands[0][1])).Failure!.Kind);
        Assert.Equal(FailureKind.Integrity, opener.OpenGroup(end, 0, Head(file.Strands[1][0])).Failure!.Kind);
        Assert.Equal(FailureKind.Integrity, opener.OpenGroup(end, 0, file.Strands[0][0]).Failure!.Kind);
        Assert.Equal(FailureKind.Integrity, opener.OpenGroup(end, 0, default).Failure!.Kind);
        OpenedGroup group = opener.OpenGroup(end, 0, Head(file.Strands[0][0])).Value;
        byte[] plain = new byte[5];
        Assert.Equal(FailureKind.Integrity, opener.OpenColumn(group, 0, new byte[4], plain)!.Kind);
        Assert.Equal(FailureKind.Integrity, opener.OpenColumn(group, 0, file.Strands[0][0].AsSpan(^5), plain)!.Kind);
        Assert.Equal(new byte[5], plain);
        Assert.Null(opener.OpenColumn(group, 1, file.Strands[0][0].AsSpan(^5), plain));
        Assert.Equal(file.Plain[0][0][1], plain);

        byte[] Head(byte[] block) => block[..SealedBlockHeader.Read(file.Header, block)!.Value.HeadBytes];
    }

    [Fact]
    public void An_older_file_has_another_digest()
    {
        SampleFile older = SampleFile.Make(seed: 1);
        SampleFile newer = SampleFile.Make(seed: 2);

        Assert.Null(SampleFile.Verify(older.Bytes));
        Assert.NotEqual(SampleFile.Open(newer.Bytes).Value.Digest, SampleFile.Open(older.Bytes).Value.Digest);
    }

    private static Failure Refused(byte[] file)
    {
        Failure? failure = SampleFile.Verify(file);
        Assert.NotNull(failure);
        return failure;
    }
}
