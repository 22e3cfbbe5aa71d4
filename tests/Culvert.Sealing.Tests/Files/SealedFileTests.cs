using System.Buffers;

namespace Culvert.Sealing.Tests;

public sealed class SealedFileTests
{
    [Fact]
    public void What_was_sealed_is_opened_in_any_order()
    {
        SampleFile file = SampleFile.Make();
        using SealedFileReader reader = SampleFile.Open(file.Bytes).Value;

        Assert.Equal(["when", "how much"], reader.Contents.ColumnNames);
        Assert.Equal("sample.csv", reader.Contents.Description);
        Assert.Equal([8, 1], reader.Contents.Schema.ToArray());
        Assert.True(reader.IsComplete);
        Assert.Equal(2 * (1 + 2 + 3), reader.RowCount);
        for (int strand = 1; strand >= 0; strand--)
        {
            Assert.Equal([1, 2, 3], reader.Ends[strand]!.Coverage.ToArray());
            for (int g = 2; g >= 0; g--)
            {
                OpenedGroup group = reader.OpenGroup(strand, g).Value;
                Assert.Equal(g + 1, group.Rows);
                for (int c = 1; c >= 0; c--)
                {
                    Assert.Equal([1], group.Encoding(c).ToArray());
                    byte[] plain = new byte[group.ColumnBytes(c)];
                    Assert.Null(reader.ReadColumn(group, c, plain));
                    Assert.Equal(file.Plain[strand][g][c], plain);
                }
            }
        }
    }

    [Fact]
    public void Strands_may_be_interleaved_in_any_way()
    {
        SampleFile file = SampleFile.Make();
        byte[] interleaved = file.Join(file.Strands[1].Zip(file.Strands[0]).SelectMany(p => new[] { p.First, p.Second }));

        Assert.Null(SampleFile.Verify(interleaved));
        Assert.Equal(SampleFile.Open(file.Bytes).Value.Digest, SampleFile.Open(interleaved).Value.Digest);
    }

    [Fact]
    public void An_outsider_sees_sizes_and_nothing_else()
    {
        SampleFile file = SampleFile.Make();
        SealedFileIndex index = SealedFileIndex.Read("f", new MemoryStream(file.Bytes)).Value;

        Assert.Equal(file.Header.Stream, index.Header.Stream);
        Assert.Equal(2, index.Header.StrandCount);
        Assert.Equal(3, index.Groups(1).Count);
        Assert.True(index.HasAllEnds);
        byte[] bytes = file.Bytes;
        Assert.Equal(-1, bytes.AsSpan().IndexOf("how much"u8));
        Assert.Equal(-1, bytes.AsSpan().IndexOf("sample.csv"u8));
        Assert.All(file.Plain.SelectMany(s => s).SelectMany(g => g), plain => Assert.Equal(-1, bytes.AsSpan().IndexOf(plain)));
    }

    [Fact]
    public void Equal_rows_sealed_twice_share_no_bytes_and_have_other_digests()
    {
        SampleFile one = SampleFile.Make(seed: 1);
        SampleFile other = SampleFile.Make(seed: 2);

        Assert.NotEqual(SampleFile.Open(one.Bytes).Value.Digest, SampleFile.Open(other.Bytes).Value.Digest);
        Assert.NotEqual(one.Strands[0][0][^10..], other.Strands[0][0][^10..]);
    }

    [Fact]
    public void A_file_without_an_end_is_read_in_order_and_called_incomplete()
    {
        SampleFile file = SampleFile.Make(strands: 1);
        using SealedFileReader reader = SampleFile.Open(file.Join(file.Strands[0][..2])).Value;

        Assert.False(reader.IsComplete);
        Assert.Null(reader.Digest);
        Assert.Null(reader.RowCount);
        Assert.Equal(1, reader.OpenGroup(0, 0).Value.Rows);
        Assert.Equal(2, reader.OpenGroup(0, 1).Value.Rows);
        Failure incomplete = SampleFile.Verify(file.Join(file.Strands[0][..2]))!;
        Assert.Equal(FailureKind.Missing, incomplete.Kind);
        Assert.Contains("cut before its end mark", incomplete.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_writer_goes_on_behind_its_snapshot_under_another_salt()
    {
        SeededEntropy entropy = new(4);
        StreamId stream = SealedFileHeader.NewStream(entropy);
        using Secret key = KeySchedule.FileKey(SampleFile.Owner, stream);
        SealedFileHeader header = SealedFileHeader.Seal(
            key, stream, KeySchedule.KeyId(SampleFile.Owner), 1, new SealedFileContents(SealedFileKind.Result, "job", ["a"], default), entropy);
        using SealedStrandWriter first = new(key, header, 0, entropy);
        byte[] group0 = SampleFile.Group(first, 1, [[10]]);
        ArrayBufferWriter<byte> state = new();
        first.Save(state);
        byte[] lost = SampleFile.Group(first, 1, [[11]]);

        using SealedStrandWriter second = SealedStrandWriter.Resume(key, header, 0, entropy, state.WrittenSpan).Value;
        byte[] again = SampleFile.Group(second, 1, [[11]]);
        ArrayBufferWriter<byte> end = new();
        second.End([], end);

        Assert.NotEqual(lost[^1], again[^1]); // same nonce would make the same byte
        byte[] file = [.. header.Bytes.ToArray(), .. group0, .. lost, .. again, .. end.WrittenSpan];
        Assert.Null(SampleFile.Verify(file));
        Assert.Equal(lost.Length, SampleFile.Open(file).Value.Index.SupersededBytes);
        Assert.Null(SampleFile.Verify([.. header.Bytes.ToArray(), .. group0, .. again, .. end.WrittenSpan]));
        Assert.NotNull(SampleFile.Verify([.. header.Bytes.ToArray(), .. group0, .. lost, .. end.WrittenSpan]));
    }

    [Fact]
    public void A_position_of_another_file_or_strand_is_refused()
    {
        SampleFile file = SampleFile.Make();
        using Secret key = KeySchedule.FileKey(SampleFile.Owner, file.Header.Stream);
        SeededEntropy entropy = new(9);
        using SealedStrandWriter writer = new(key, file.Header, 0, entropy);
        ArrayBufferWriter<byte> state = new();
        writer.Save(state);

        Assert.Equal(FailureKind.Mismatch, SealedStrandWriter.Resume(key, file.Header, 1, entropy, state.WrittenSpan).Failure!.Kind);
        Assert.Equal(FailureKind.Mismatch, SealedStrandWriter.Resume(key, SampleFile.Make(2).Header, 0, entropy, state.WrittenSpan).Failure!.Kind);
        for (int length = 0; length < state.WrittenCount; length++)
        {
            Assert.Equal(FailureKind.Malformed, SealedStrandWriter.Resume(key, file.Header, 0, entropy, state.WrittenSpan[..length]).Failure!.Kind);
        }
    }

    [Fact]
    public void Another_owners_file_says_which_key_opens_it()
    {
        using Secret other = Secret.CopyOf(new byte[32]);
        Failure failure = SealedFileReader.Open("f.sealed", new MemoryStream(SampleFile.Make().Bytes), other).Failure!;

        Assert.Equal(FailureKind.Mismatch, failure.Kind);
        Assert.Contains($"the key with id {KeySchedule.KeyId(SampleFile.Owner)} opens it", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_groups_columns_and_strands_are_files_too()
    {
        SampleFile none = SampleFile.Make(strands: 3, groups: 0);
        Assert.Null(SampleFile.Verify(none.Bytes));
        Assert.Equal(0, SampleFile.Open(none.Bytes).Value.RowCount);
    }

    [Fact]
    public void Groups_beyond_the_limits_are_refused_before_anything_is_written()
    {
        SampleFile file = SampleFile.Make();
        using Secret key = KeySchedule.FileKey(SampleFile.Owner, file.Header.Stream);
        using SealedStrandWriter writer = new(key, file.Header, 0, new SeededEntropy(1));
        ArrayBufferWriter<byte> output = new();

        Assert.Throws<ArgumentOutOfRangeException>(() => writer.AppendGroup(SealedFileLimits.GroupRowsMax + 1, [default, default], output));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.AppendGroup(1, [new(new byte[65], default), default], output));
        Assert.Throws<InvariantViolationException>(() => writer.AppendGroup(1, [default], output));
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal(0, writer.GroupCount);
    }
}
