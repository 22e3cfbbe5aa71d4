namespace Culvert.Sealing.Tests;

public sealed class SealedCoverageTests
{
    private static readonly SealedCoverage s_partial = new()
    {
        IsComplete = false,
        RowsRead = 5,
        Elapsed = TimeSpan.FromMilliseconds(1250),
        Inputs = [new SealedInput(new StreamId(7), new EndDigest(8, 9))],
        UpTo = "round 12",
    };

    [Fact]
    public void Coverage_is_read_back()
    {
        SealedCoverage read = SealedCoverage.FromBytes(s_partial.ToBytes()).Value;
        Assert.Equal(s_partial with { Inputs = [] }, read with { Inputs = [] });
        Assert.Equal(s_partial.Inputs, read.Inputs);
    }

    [Fact]
    public void A_cut_anywhere_is_refused()
    {
        byte[] bytes = s_partial.ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(FailureKind.Malformed, SealedCoverage.FromBytes(bytes.AsSpan(0, length)).Failure!.Kind);
        }
    }

    [Fact]
    public void Strands_shares_add_up_and_inputs_are_named_once()
    {
        SealedCoverage merged = SealedCoverage.Merge([s_partial, s_partial with { IsComplete = true, RowsRead = 7, Elapsed = null, UpTo = "" }]);

        Assert.False(merged.IsComplete);
        Assert.Equal(12, merged.RowsRead);
        Assert.Equal(TimeSpan.FromMilliseconds(1250), merged.Elapsed);
        Assert.Single(merged.Inputs);
        Assert.Equal("round 12", merged.UpTo);
    }
}
