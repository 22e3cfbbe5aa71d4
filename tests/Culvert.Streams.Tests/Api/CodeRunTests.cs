using System.Buffers;

namespace Culvert.Streams.Tests.Api;

public class CodeRunTests
{
    private static Stream<int> Numbers => Source.From(System.Array.Empty<int>());

    private static bool IsEven(int x) => x % 2 == 0;

    private static int Invert(int x) => 100 / x;

    private static string Text(int x) => $"n{x}";

    private static IEnumerable<int> Repeat(int x) => Enumerable.Repeat(x, x % 5);

    [Fact]
    public void AChainOfFunctionsGivesWhatLinqGives()
    {
        int[] rows = [.. Enumerable.Range(0, 10_000).Select(i => i * 7 % 1009)];
        Stream<string> chain = Numbers.Where(IsEven).SelectMany(Repeat).Select(Text).Where(t => IsEven(t.Length));
        Assert.Equal(
            rows.Where(IsEven).SelectMany(Repeat).Select(Text).Where(t => IsEven(t.Length)),
            CodeRuns.Run(chain, rows));
    }

    [Fact]
    public void AFilterKeepsColumnsThatTheEventDoesNotHave()
    {
        using Batch batch = new RowWriter<Point>().Write([new(1, 1.5), new(2, 2.5)]);
        Stream<Keyed> even = new Stream<Keyed>(Source.From<Point>(System.Array.Empty<Point>()).Node).Where(Matches);
        using ICodeInstance instance = ((CodeNode)even.Node).Code.Create();
        List<object?[]> seen = [];
        instance.Run(batch, 0, made =>
        {
            seen.Add(made.GetRow(0));
            made.Dispose();
        });
        Assert.Equal([2, 2.5], Assert.Single(seen));
    }

    private readonly record struct Keyed(int Key);

    private static bool Matches(Keyed k) => IsEven(k.Key);

    [Fact]
    public void AnEventsTimeStaysWithItThroughFiltersAndSeveralResults()
    {
        Stream<Point> timed = Source.From(System.Array.Empty<Point>()).WithEventTime(p => DateTime.UnixEpoch);
        Stream<int> chain = timed.Where(p => IsEven(p.Key)).SelectMany(p => Repeat(p.Key));
        CodeNode node = Assert.IsType<CodeNode>(chain.Node);
        using Batch points = new RowWriter<Point>().Write([.. Enumerable.Range(0, 3000).Select(i => new Point(i, 0))]);
        using Batch times = new RowWriter<DateTime>().Write([.. Enumerable.Range(0, 3000).Select(i => new DateTime(i))]);
        using Batch batch = new(node.Code.Input, [points[0].Retain(), points[1].Retain(), times[0].Retain()], 3000);
        using ICodeInstance instance = node.Code.Create();
        int rows = 0;
        instance.Run(batch, 0, made =>
        {
            for (int i = 0; i < made.Count; i++)
            {
                Assert.Equal((int)made.GetRow(i)[0]!, (int)((DateTime)made.GetRow(i)[1]!).Ticks);
            }

            rows += made.Count;
            made.Dispose();
        });
        Assert.Equal(Enumerable.Range(0, 3000).Where(IsEven).SelectMany(Repeat).Count(), rows);
    }

    [Fact]
    public void AnExceptionOfUserCodeNamesTheBatchsRow()
    {
        int[] rows = [.. Enumerable.Range(0, 4000).Select(i => i == 3001 ? 0 : 1)];
        Func<int, bool> positive = x => x >= 0;
        RowFailedException failed = Assert.Throws<RowFailedException>(() => CodeRuns.Run(Numbers.Where(positive).Select(Invert), rows));
        Assert.Equal(3001, failed.Row);
        Assert.Contains("DivideByZeroException", failed.Message, StringComparison.Ordinal);
        Assert.IsType<DivideByZeroException>(failed.InnerException);
    }

    [Fact]
    public void FoldsKeepAStatePerKeyThatSurvivesSavingAndLoading()
    {
        var stream = Source.From(System.Array.Empty<Point>()).GroupBy(p => p.Key).Scan(
            new Running(0, "", null), (s, p) => new Running(s.Sum + p.Value, s.Text + p.Key, s.First ?? p.Value));
        FoldCode code = ((FoldNode)stream.Node.Inputs[0]).Code;
        using IFoldInstance first = code.Create();
        using Batch batch = new RowWriter<Point>().Write([new(7, 1), new(8, 10), new(7, 2)]);
        using Batch states = first.Fold(batch, [0, 1, 0], 0)!;
        Assert.Equal([1.0, 10.0, 3.0], new RowReader<Running>(states.Schema).ReadAll(states).Select(s => s.Sum));

        ArrayBufferWriter<byte> saved = new();
        first.Save(0, saved);
        using IFoldInstance second = code.Create();
        second.Load(4, saved.WrittenSpan);
        ArrayBufferWriter<byte> again = new();
        second.Save(4, again);
        Assert.Equal(saved.WrittenSpan.ToArray(), again.WrittenSpan.ToArray());
        using Batch next = second.Fold(batch, [4, 4, 5], 0)!;
        Assert.Equal(new Running(14, "7778", 1), new RowReader<Running>(next.Schema).ReadAll(next)[1]);
        second.Clear();
        using Batch cleared = second.Finish(1);
        Assert.Equal(0.0, new RowReader<Running>(cleared.Schema).ReadAll(cleared)[0].Sum);
    }

    private sealed record Running(double Sum, string Text, double? First);

    private sealed class Counter
    {
        public int Count { get; set; }
    }

    private static Counter CountUp(Counter counter, int x)
    {
        counter.Count += x;
        return counter;
    }

    [Fact]
    public void AStateThatIsChangedInPlaceIsNotSharedByKeysNorEmittedLate()
    {
        FoldNode node = (FoldNode)Numbers.GroupBy(x => x).Scan(new Counter(), CountUp).Node.Inputs[0];
        using IFoldInstance instance = node.Code.Create();
        using Batch batch = new RowWriter<int>().Write([1, 2, 4]);
        using Batch states = instance.Fold(batch, [0, 1, 0], 0)!;
        Assert.Equal([1, 2, 5], new RowReader<Counter>(states.Schema).ReadAll(states).Select(c => c.Count));
    }

    [Fact]
    public void StatesMergeAsTheirFunctionSays()
    {
        var stream = Numbers.GroupBy(x => x % 2).Aggregate(0L, (s, x) => s + x, (a, b) => a + b, s => s * 10, (key, total) => new { key, total });
        using IFoldInstance a = ((FoldNode)stream.Node.Inputs[0]).Code.Create();
        using Batch batch = new RowWriter<int>().Write([1, 3]);
        a.Fold(batch, [0, 0], 0);
        ArrayBufferWriter<byte> saved = new();
        a.Save(0, saved);
        ((IMergingFoldInstance)a).Merge(0, saved.WrittenSpan);
        using Batch finished = a.Finish(1);
        Assert.Equal([80L], finished.GetRow(0));
    }

    [Fact]
    public void MalformedStatesAreRefusedHoweverTheyAreBroken()
    {
        FoldNode node = (FoldNode)Source.From(System.Array.Empty<Point>()).GroupBy(p => p.Key).Scan(new Running(1, "abc", 2), (s, p) => s).Node.Inputs[0];
        using IFoldInstance instance = node.Code.Create();
        ArrayBufferWriter<byte> saved = new();
        instance.Save(0, saved);
        byte[] good = saved.WrittenSpan.ToArray();
        for (int length = 0; length < good.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => instance.Load(1, good.AsSpan(0, length)));
        }

        Assert.Throws<InvalidDataException>(() => instance.Load(1, [.. good, 0]));
        byte[] hugeText = [.. good];
        BitConverter.TryWriteBytes(hugeText.AsSpan(8), int.MaxValue);
        Assert.Throws<InvalidDataException>(() => instance.Load(1, hugeText));
    }
}
