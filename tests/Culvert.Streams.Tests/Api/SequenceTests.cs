namespace Culvert.Streams.Tests.Api;

public class SequenceTests
{
    private static SequenceSourceSpec Spec<T>(Stream<T> stream) =>
        Assert.IsAssignableFrom<SequenceSourceSpec>(Assert.IsType<SourceNode>(stream.Node).Source);

    private static List<T> ReadAll<T>(IRowSource source, int rowsMax)
    {
        List<T> rows = [];
        using SemaphoreSlim woken = new(0);
        source.Wake = () => woken.Release();
        while (true)
        {
            switch (source.Next(rowsMax, out Batch? batch))
            {
                case RowSourceStep.Batch:
                    Assert.InRange(batch!.Count, 1, rowsMax);
                    rows.AddRange(new RowReader<T>(batch.Schema).ReadAll(batch));
                    batch.Dispose();
                    break;
                case RowSourceStep.NotYet:
                    woken.Wait(TestContext.Current.CancellationToken);
                    break;
                default:
                    return rows;
            }
        }
    }

    [Fact]
    public void AListIsReplayableFromAnyPosition()
    {
        int[] numbers = [.. Enumerable.Range(0, 1000)];
        SequenceSourceSpec spec = Spec(Source.From(numbers));
        Assert.True(spec.IsReplayable);
        Assert.Equal(1000, spec.RowCount);
        using IRowSource source = spec.Open(new PartitionId(0));
        source.Seek(300);
        Assert.Equal(numbers[300..], ReadAll<int>(source, 64));
        Assert.Equal(1000, source.Position);
        Assert.Equal(spec.ComputeIdentity(), Spec(numbers.ToList().ToStream()).ComputeIdentity());
        numbers[5] = 0;
        Assert.NotEqual(spec.ComputeIdentity(), Spec(Source.From(Enumerable.Range(0, 1000).ToArray())).ComputeIdentity());
    }

    [Fact]
    public void AnEnumerableIsReadOnceAndSaysThatItIsNotReplayable()
    {
        SequenceSourceSpec spec = Spec(Enumerable.Range(0, 1000).Where(i => i % 3 == 0).ToStream());
        Assert.False(spec.IsReplayable);
        Assert.Contains("array or a list", spec.NotReplayableBecause, StringComparison.Ordinal);
        using IRowSource source = spec.Open(new PartitionId(0));
        Assert.Equal(Enumerable.Range(0, 1000).Where(i => i % 3 == 0), ReadAll<int>(source, 10));
    }

    [Fact]
    public void AnAsyncSequenceWakesItsReader()
    {
        static async IAsyncEnumerable<int> Slowly()
        {
            for (int i = 0; i < 50; i++)
            {
                if (i % 10 == 0)
                {
                    await Task.Yield();
                }

                yield return i;
            }
        }

        using IRowSource source = Spec(Slowly().ToStream()).Open(new PartitionId(0));
        Assert.Equal(Enumerable.Range(0, 50), ReadAll<int>(source, 7));
    }

    [Fact]
    public void AnObservableIsSlowedDownAndLosesNothing()
    {
        using IRowSource source = Spec(new Pushing(100_000, null).ToStream()).Open(new PartitionId(0));
        Assert.Equal(Enumerable.Range(0, 100_000), ReadAll<int>(source, 1000));
    }

    [Fact]
    public void AnObservablesErrorEndsTheReading()
    {
        using IRowSource source = Spec(new Pushing(3, new InvalidOperationException("broken")).ToStream()).Open(new PartitionId(0));
        Assert.Contains("broken", Assert.Throws<InvalidOperationException>(() => ReadAll<int>(source, 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PreparedBatchesAreSharedAmongPartitions()
    {
        using Batch a = new RowWriter<int>().Write([1]);
        using Batch b = new RowWriter<int>().Write([2]);
        SequenceSourceSpec spec = Spec(Source.FromBatches<int>([a, b, a], 2));
        Assert.Equal(2, spec.PartitionCount);
        Assert.Equal([1, 1], ReadAll<int>(spec.Open(new PartitionId(0)), 9));
        Assert.Equal([2], ReadAll<int>(spec.Open(new PartitionId(1)), 9));
    }

    [Fact]
    public void CallbacksGetEventsWithTheirIdentity()
    {
        List<(int, OutputIdentity)> seen = [];
        bool completed = false;
        SinkNode sink = Source.From(System.Array.Empty<int>()).ToCallback((x, id) => seen.Add((x, id)), null, () => completed = true);
        ICallbackSink receiver = Assert.IsAssignableFrom<CallbackSinkSpec>(sink.Sink).Open(sink.Schema);
        using Batch batch = new RowWriter<int>().Write([5, 6]);
        OutputIdentity first = new(new PartitionId(1), new Round(2), 10);
        receiver.Receive(batch, first);
        receiver.Complete();
        Assert.Equal([(5, first), (6, first with { Index = 11 })], seen);
        Assert.True(completed);
    }

    private sealed class Pushing(int count, Exception? error) : IObservable<int>
    {
        public IDisposable Subscribe(IObserver<int> observer)
        {
            for (int i = 0; i < count; i++)
            {
                observer.OnNext(i);
            }

            if (error is null)
            {
                observer.OnCompleted();
            }
            else
            {
                observer.OnError(error);
            }

            return new MemoryStream();
        }
    }
}
