using System.Reactive.Linq;
using System.Reactive.Subjects;
using Culvert.Kits;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>Sequences of .NET and Rx as sources, and as what a stream becomes.</summary>
public sealed class SequenceInAndOutTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnObservablesEventsComeThroughInOrderAndThenItsEnd()
    {
        List<int> received = [];
        IObservable<int> doubled = Observable.Range(0, 50_000).ToStream().Where(n => n % 2 == 0).Select(n => n + 1).ToObservable();

        await doubled.Do(received.Add).LastOrDefaultAsync();

        Assert.Equal(Enumerable.Range(0, 25_000).Select(n => (2 * n) + 1), received);
    }

    [Fact]
    public async Task AnObservablesErrorFailsTheRunAndReachesTheObserver()
    {
        IObservable<int> failing = Observable.Range(0, 3).Concat(Observable.Throw<int>(new InvalidOperationException("the meter is gone")));

        Exception error = await Assert.ThrowsAsync<JobFailedException>(async () => await failing.ToStream().ToObservable().LastOrDefaultAsync());

        Assert.Contains("the meter is gone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnsubscribingStopsTheRunAndTheSourceBehindIt()
    {
        TaskCompletionSource unsubscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<int> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using Subject<int> meter = new();
        TaskCompletionSource subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IObservable<int> watched = Observable.Create<int>(observer =>
        {
            IDisposable inner = meter.Subscribe(observer);
            subscribed.SetResult();
            return () =>
            {
                inner.Dispose();
                unsubscribed.TrySetResult();
            };
        });

        IDisposable subscription = watched.ToStream().Subscribe(n => first.TrySetResult(n));
        await subscribed.Task.WaitAsync(Token);
        meter.OnNext(42);
        Assert.Equal(42, await first.Task.WaitAsync(Token));
        subscription.Dispose();

        await unsubscribed.Task.WaitAsync(Token);
        Assert.False(meter.HasObservers);
    }

    [Fact]
    public async Task AnAsyncSequencesEventsComeThroughInOrder()
    {
        List<int> received = [];
        await foreach (int n in Count(20_000).ToStream().Select(n => n * 2).ToAsyncEnumerable(Token))
        {
            received.Add(n);
        }

        Assert.Equal(Enumerable.Range(0, 20_000).Select(n => n * 2), received);
    }

    [Fact]
    public async Task AnAsyncSequencesErrorReachesTheReader()
    {
        List<int> received = [];
        JobFailedException error = await Assert.ThrowsAsync<JobFailedException>(async () =>
        {
            await foreach (int n in Count(3, failAt: 2).ToStream().ToAsyncEnumerable(Token))
            {
                received.Add(n);
            }
        });

        Assert.Contains("no more paper", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReaderThatLeavesEarlyStopsTheRunOfAnEndlessSequence()
    {
        List<int> received = [];
        await foreach (int n in Endless().ToStream().ToAsyncEnumerable(Token))
        {
            received.Add(n);
            if (received.Count == 1000)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(0, 1000), received);
    }

    [Fact]
    public async Task CancellingARunOfAnEndlessSequenceEndsItAndTellsTheCallback()
    {
        using CancellationTokenSource stop = new();
        Exception? told = null;
        bool completed = false;
        Job job = Endless().ToStream().ToCallback(_ => stop.Cancel(), error => told = error, () => completed = true).AsJob("endless");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.RunAsync(cancellationToken: stop.Token));

        Assert.IsType<OperationCanceledException>(told);
        Assert.False(completed);
    }

    [Fact]
    public async Task ACallbackIsToldWhyARunFailed()
    {
        Exception? told = null;
        int completed = 0;
        int divisor = 0;
        SinkNode sink = new[] { 1, 2 }.ToStream().Select(n => n / divisor).ToCallback(_ => { }, error => told = error, () => completed++);

        JobFailedException thrown = await Assert.ThrowsAsync<JobFailedException>(() => sink.AsJob("division").RunAsync(cancellationToken: Token));

        Assert.Same(thrown, told);
        Assert.Equal(0, completed);
    }

    [Fact]
    public async Task ACallbackIsToldOnceThatAllIsThere()
    {
        int errors = 0;
        int completed = 0;
        await new[] { 1, 2 }.ToStream().ToCallback(_ => { }, _ => errors++, () => completed++).AsJob("two").RunAsync(cancellationToken: Token);

        Assert.Equal((0, 1), (errors, completed));
    }

    [Fact]
    public async Task SnapshotsOfASequenceThatCannotBeReadAgainAreRefusedWithWhatToDo()
    {
        Job job = Count(3).ToStream().ToCallback(_ => { }).AsJob("once");

        JobFailedException error = await Assert.ThrowsAsync<JobFailedException>(
            () => job.RunAsync(new RunOptions { Snapshots = new MemoryBlobs() }, Token));

        Assert.Contains("give it as an array or a list", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Endless()
    {
        for (int i = 0; ; i++)
        {
            yield return i;
        }
    }

    private static async IAsyncEnumerable<int> Count(int count, int failAt = -1)
    {
        for (int i = 0; i < count; i++)
        {
            if (i % 100 == 0)
            {
                await Task.Yield();
            }

            yield return i == failAt ? throw new InvalidOperationException("no more paper") : i;
        }
    }
}
