using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Attestation.Tests.Proofs;

public class ResultStatementTests
{
    internal static ResultStatement Sample => new()
    {
        Run = new RunId(77),
        Plan = new PlanDigest(1, 2),
        Manifest = [.. Enumerable.Repeat((byte)3, 32)],
        Epoch = new KeyEpoch(4),
        Result = 0,
        Stage = new StageId(2),
        Partition = new PartitionId(1),
        Parts = [new ResultPart(new StageId(2), 2), new ResultPart(new StageId(5), 1)],
        Columns = [.. ResultColumn.DigestOf([new ResultColumn("carrier", "text"), new ResultColumn("delay", "float64?")])],
        Salt = [.. ResultDigestBuilder.CommitmentOf(new byte[32])],
        Digest = ResultDigestTests.Of(["a", "b"]),
        IsComplete = true,
        Inputs = [new SealedInput(new StreamId(5), new EndDigest(6, 7)), new SealedInput(new StreamId(9), new EndDigest(1, 1))],
        OpenBefore = ["parse"],
        OpenBehind = ["merge", "sort"],
        Strand = new ResultStrand(new StreamId(8), 9, 1, 2, 3, 10),
    };

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        byte[] bytes = Sample.ToBytes();

        ResultStatement read = ResultStatement.FromBytes(bytes).Value;

        Assert.Equal(bytes, read.ToBytes());
        Assert.Equal((Sample.Run, Sample.Plan, Sample.Epoch, Sample.Stage, Sample.Partition, Sample.Digest, Sample.IsComplete, Sample.Strand), (read.Run, read.Plan, read.Epoch, read.Stage, read.Partition, read.Digest, read.IsComplete, read.Strand));
        Assert.Equal(Sample.Parts, read.Parts);
        Assert.Equal(Sample.Inputs, read.Inputs);
        Assert.Equal(Sample.OpenBefore, read.OpenBefore);
        Assert.Equal(Sample.OpenBehind, read.OpenBehind);
    }

    [Fact]
    public void No_prefix_and_nothing_longer_is_read()
    {
        byte[] bytes = Sample.ToBytes();

        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.NotNull(ResultStatement.FromBytes(bytes.AsSpan(0, length)).Failure);
        }

        Assert.NotNull(ResultStatement.FromBytes([.. bytes, 0]).Failure);
    }

    [Fact]
    public void What_is_read_with_a_bit_changed_is_another_statement_and_not_signed()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SignedStatement signed = SignedStatement.Sign(Sample, key);
        byte[] publicKey = key.ExportSubjectPublicKeyInfo();
        Assert.True(signed.IsBy(publicKey));

        for (int i = 0; i < signed.Bytes.Length; i++)
        {
            byte[] changed = [.. signed.Bytes];
            changed[i] ^= (byte)(1 << (i % 8));
            Outcome<ResultStatement> read = ResultStatement.FromBytes(changed);
            Assert.True(!read.Succeeded || read.Value.ToBytes().AsSpan().SequenceEqual(changed), $"byte {i}");
            Assert.False((signed with { Bytes = [.. changed] }).IsBy(publicKey));
        }
    }

    [Fact]
    public void A_signature_by_another_key_or_of_another_length_is_none()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SignedStatement signed = SignedStatement.Sign(Sample, key);

        Assert.False(signed.IsBy(other.ExportSubjectPublicKeyInfo()));
        Assert.False(signed.IsBy(new byte[5]));
        Assert.False((signed with { Signature = [.. signed.Signature, 0] }).IsBy(key.ExportSubjectPublicKeyInfo()));
        Assert.False((signed with { Signature = [] }).IsBy(key.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public void What_no_partition_can_state_is_refused_when_it_is_written()
    {
        Assert.Throws<ArgumentException>(() => (Sample with { Partition = new PartitionId(2) }).ToBytes());
        Assert.Throws<ArgumentException>(() => (Sample with { Stage = new StageId(3) }).ToBytes());
        Assert.Throws<ArgumentException>(() => (Sample with { Parts = [.. Sample.Parts.Reverse()] }).ToBytes());
        Assert.Throws<ArgumentException>(() => (Sample with { Inputs = [.. Sample.Inputs.Reverse()] }).ToBytes());
        Assert.Throws<ArgumentException>(() => (Sample with { Inputs = [Sample.Inputs[0], Sample.Inputs[0]] }).ToBytes());
        Assert.Throws<ArgumentException>(() => (Sample with { Strand = Sample.Strand! with { Strand = 2 } }).ToBytes());
    }

    [Fact]
    public void Columns_that_differ_in_name_type_or_order_have_other_digests()
    {
        ResultColumn[] columns = [new("a", "int32"), new("b", "text")];
        byte[][] all =
        [
            ResultColumn.DigestOf([.. columns]), ResultColumn.DigestOf([.. columns.Reverse()]), ResultColumn.DigestOf([columns[0]]),
            ResultColumn.DigestOf([columns[0] with { Type = "int32?" }, columns[1]]), ResultColumn.DigestOf([columns[0] with { Name = "ai" }, columns[1]]),
        ];

        Assert.Equal(all.Length, all.Select(Convert.ToHexString).Distinct().Count());
    }
}
