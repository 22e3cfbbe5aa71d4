using Culvert.Sealing;

namespace Culvert.Stages.Tests;

/// <summary>A run ends in the honest result, in an integrity error, or, where a frame is withheld, nowhere; never in another result.</summary>
public sealed class HostileRouterTests
{
    private const int Seeds = 30;

    private static readonly Lazy<List<byte[]>> s_anotherRun = new(() =>
    {
        using SealedRun run = new(1, run: new RunId(8));
        return run.Go().Sent;
    });

    [Fact]
    public void Sealed_and_open_runs_give_the_same_rows()
    {
        using SealedRun open = new(1, isSealed: false);
        List<string> expected = [.. open.Go().Rows.Order()];
        Assert.Null(open.Error?.Message);
        Assert.Equal(12, expected.Count);
        for (int seed = 2; seed < 6; seed++)
        {
            using SealedRun run = new(seed);
            Assert.Null(run.Go().Error);
            Assert.True(run.IsFinished);
            Assert.Equal(expected, run.Rows.Order());
        }
    }

    [Fact]
    public void Keys_fall_into_other_partitions_than_in_the_open_and_than_in_another_run()
    {
        Assert.NotEqual(RowsByPartition(new SealedRun(1)), RowsByPartition(new SealedRun(1, isSealed: false)));
        Assert.NotEqual(RowsByPartition(new SealedRun(1)), RowsByPartition(new SealedRun(1, run: new RunId(8))));

        static List<string> RowsByPartition(SealedRun run)
        {
            using (run)
            {
                return run.Go().Rows; // in the order of the key partitions
            }
        }
    }

    [Theory]
    [InlineData("flip", true)]
    [InlineData("cut", true)]
    [InlineData("append", true)]
    [InlineData("drop", true)]
    [InlineData("repeat", false)]
    [InlineData("repeat later", false)]
    [InlineData("hold back", true)]
    [InlineData("bring to another partition", true)]
    [InlineData("bring to another stage", true)]
    [InlineData("rewrite the partition", true)]
    [InlineData("rewrite the edge", true)]
    [InlineData("rewrite the producer", true)]
    [InlineData("rewrite the round", true)]
    [InlineData("rewrite the sequence", true)]
    [InlineData("rewrite the kind", true)]
    [InlineData("replace by the open form", true)]
    [InlineData("replace by another run's", true)]
    [InlineData("take another frame's rows", true)]
    public void A_deed_of_the_router_changes_no_result(string deed, bool isRefused)
    {
        using SealedRun honest = new(1);
        List<string> expected = honest.Go().Rows;
        int refused = 0;
        int withheld = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            using SealedRun run = new(seed + 2);
            Deed router = new(deed, seed, honest.Sent.Count, s_anotherRun);
            run.Deed = router.Pass;
            run.Go();
            if (run.Error is { } error)
            {
                refused++;
                Assert.Equal(FailureKind.Integrity, error.Kind);
                Assert.True(
                    error.Message.Contains('#', StringComparison.Ordinal) || error.Message.StartsWith("no frame can be read", StringComparison.Ordinal),
                    $"seed {seed}: the message names no frame: {error.Message}");
            }
            else if (run.IsFinished)
            {
                Assert.True(expected.SequenceEqual(run.Rows), $"seed {seed}: another result");
            }
            else
            {
                withheld++;
                Assert.True(router.Withholds, $"seed {seed}: no end, although nothing is withheld");
            }
        }

        // What only repeats is dropped without harm; all else is seen, or leaves the receiver without an end mark.
        Assert.Equal(isRefused ? Seeds : 0, refused + withheld);
        Assert.True(!isRefused || refused > 0);
    }

    private sealed class Deed(string name, int seed, int frames, Lazy<List<byte[]>> anotherRun)
    {
        private readonly Random _random = new(seed);
        private readonly int _victim = new Random(seed).Next(frames - 1);
        private readonly List<byte[]> _seen = [];
        private (byte[] Frame, Producer To)? _kept;
        private int _passed;

        internal bool Withholds => name is "drop" or "hold back";

        internal IEnumerable<(byte[] Frame, Producer To)> Pass(byte[] frame, Producer to)
        {
            _seen.Add(frame);
            if (_passed++ == _victim)
            {
                return Do(frame, to);
            }

            if (_kept is not { } kept)
            {
                return [(frame, to)];
            }

            // What was held back comes behind the next frame of its channel; what is repeated, at any time.
            FrameHeader header = FrameHeader.Read(frame).Value;
            FrameHeader before = FrameHeader.Read(kept.Frame).Value;
            bool now = name != "hold back" || (header.Edge, header.From, header.To) == (before.Edge, before.From, before.To);
            _kept = now ? null : _kept;
            return now ? [(frame, to), kept] : [(frame, to)];
        }

        private IEnumerable<(byte[] Frame, Producer To)> Do(byte[] frame, Producer to)
        {
            switch (name)
            {
                case "flip":
                    return [(With(frame, _random.Next(frame.Length), 1 << _random.Next(8)), to)];
                case "cut":
                    return [(frame[.._random.Next(frame.Length)], to)];
                case "append":
                    return [([.. frame, 0], to)];
                case "drop":
                    return [];
                case "repeat":
                    return [(frame, to), (frame, to)];
                case "repeat later":
                    _kept = (frame, to);
                    return [(frame, to)];
                case "hold back":
                    _kept = (frame, to);
                    return [];
                case "bring to another partition":
                    return [(frame, to with { Partition = new PartitionId(to.Stage.Value == 1 ? (to.Partition.Value + 1) % TwoStageJob.KeyPartitions : 0), Stage = new StageId(1) })];
                case "bring to another stage":
                    return [(frame, new Producer(new StageId(to.Stage.Value == 1 ? 2 : 1), new PartitionId(0)))];
                case "rewrite the partition":
                    return [(With(frame, 44, 1), to)];
                case "rewrite the edge":
                    return [(With(frame, 40, 1), to)];
                case "rewrite the producer":
                    return [(With(frame, 52, 1), to)];
                case "rewrite the round":
                    return [(With(frame, 56, 1), to)];
                case "rewrite the sequence":
                    return [(With(frame, 64, 1), to)];
                case "rewrite the kind":
                    return [(With(frame, 5, 1), to)];
                case "replace by the open form":
                    return [(InTheOpen(frame), to)];
                case "replace by another run's":
                    return [(anotherRun.Value[_random.Next(anotherRun.Value.Count)], to)];
                default:
                    return [(WithRowsOf(frame), to)];
            }
        }

        private static byte[] With(byte[] frame, int at, int flipped)
        {
            byte[] altered = [.. frame];
            altered[at] ^= (byte)flipped;
            return altered;
        }

        private static byte[] InTheOpen(byte[] frame)
        {
            FrameHeader header = FrameHeader.Read(frame).Value with { IsSealed = false, Epoch = default, Salt = default };
            byte[] open = new byte[header.FrameBytes];
            OpenFrame.Write(header, 0, 0, open);
            return open;
        }

        /// <summary>The header of the victim with what followed another header, of the same length if there was one.</summary>
        private byte[] WithRowsOf(byte[] frame)
        {
            byte[] other = _seen.LastOrDefault(f => f.Length == frame.Length && f != frame) ?? With(frame, frame.Length - 1, 1);
            return [.. frame[..FrameFormat.HeaderBytes], .. other[FrameFormat.HeaderBytes..]];
        }
    }
}
