using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Culvert.Streams;

/// <summary>Ways to have a stream's events in .NET code.</summary>
public static class StreamResults
{
    /// <summary>Events that wait between a job and an <see cref="IAsyncEnumerable{T}"/>'s reader before the job is slowed down.</summary>
    private const int BufferedRowsMax = 16_384;

    /// <summary>A job of one sink.</summary>
    public static Job AsJob(this SinkNode sink, string name) => new(name, sink);

    /// <summary>Calls back for each event, at least once, by one thread at a time; and once at the end.</summary>
    public static SinkNode ToCallback<T>(this Stream<T> stream, Action<T> onNext, Action<Exception>? onError = null, Action? onCompleted = null) =>
        stream.ToCallback((row, _) => onNext(row), onError, onCompleted);

    /// <summary>As the overload without, with each event's identity.</summary>
    public static SinkNode ToCallback<T>(
        this Stream<T> stream, Action<T, OutputIdentity> onNext, Action<Exception>? onError = null, Action? onCompleted = null) =>
        stream.To(new CallbackSinkSpec<T>(onNext, onError, onCompleted));

    /// <summary>Runs a job of this stream and calls back; disposing what is returned cancels it.</summary>
    public static IDisposable Subscribe<T>(
        this Stream<T> stream, IJobRunner runner, Action<T> onNext, Action<Exception>? onError = null, Action? onCompleted = null)
    {
        CancellationTokenSource stop = new();
        Task run = runner.RunAsync(stream.ToCallback(onNext, null, null).AsJob("subscription"), stop.Token);
        _ = run.ContinueWith(
            task =>
            {
                if (task.IsCompletedSuccessfully)
                {
                    onCompleted?.Invoke();
                }
                else if (!stop.IsCancellationRequested)
                {
                    onError?.Invoke(task.Exception?.InnerException ?? new TaskCanceledException(task));
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        return new Subscription(stop);
    }

    /// <summary>This stream for Rx: every subscription runs a job of its own.</summary>
    public static IObservable<T> ToObservable<T>(this Stream<T> stream, IJobRunner runner) => new Observable<T>(stream, runner);

    /// <summary>Runs a job of this stream and returns its events in the order in which they come.</summary>
    public static async Task<List<T>> ToListAsync<T>(this Stream<T> stream, IJobRunner runner, CancellationToken cancellationToken = default)
    {
        List<T> rows = [];
        await runner.RunAsync(stream.ToCallback(rows.Add).AsJob("list"), cancellationToken).ConfigureAwait(false);
        return rows;
    }

    /// <summary>Runs a job of this stream for as long as the events are enumerated; a slow reader slows it down.</summary>
    public static async IAsyncEnumerable<T> ToAsyncEnumerable<T>(
        this Stream<T> stream, IJobRunner runner, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<T> channel = Channel.CreateBounded<T>(new BoundedChannelOptions(BufferedRowsMax) { SingleReader = true });
        void Put(T row)
        {
            if (!channel.Writer.TryWrite(row))
            {
                channel.Writer.WriteAsync(row, stop.Token).AsTask().GetAwaiter().GetResult();
            }
        }

        Task run = runner.RunAsync(stream.ToCallback((Action<T>)Put).AsJob("enumeration"), stop.Token);
        Task ended = run.ContinueWith(
            task => channel.Writer.TryComplete(task.Exception?.InnerException ?? (task.IsCanceled ? new TaskCanceledException(task) : null)),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        try
        {
            await foreach (T row in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return row;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }
    }

    private sealed class Observable<T>(Stream<T> stream, IJobRunner runner) : IObservable<T>
    {
        public IDisposable Subscribe(IObserver<T> observer) =>
            stream.Subscribe(runner, observer.OnNext, observer.OnError, observer.OnCompleted);
    }

    private sealed class Subscription(CancellationTokenSource stop) : IDisposable
    {
        // Not disposed with it: the run may look at its token still.
        public void Dispose() => stop.Cancel();
    }
}
