using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Runs streams in this process, by <see cref="LocalRunner.Default"/>: what <see cref="StreamResults"/> does, without naming a runner.</summary>
public static class LocalStreams
{
    /// <summary>Runs a job to its end; see <see cref="LocalRunner.RunAsync"/>.</summary>
    public static Task<RunReport> RunAsync(this Job job, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        (options is null ? LocalRunner.Default : new LocalRunner(options)).RunAsync(job, cancellationToken);

    /// <inheritdoc cref="StreamResults.Subscribe{T}"/>
    public static IDisposable Subscribe<T>(
        this Stream<T> stream, Action<T> onNext, Action<Exception>? onError = null, Action? onCompleted = null) =>
        stream.Subscribe(LocalRunner.Default, onNext, onError, onCompleted);

    /// <inheritdoc cref="StreamResults.ToListAsync{T}"/>
    public static Task<List<T>> ToListAsync<T>(this Stream<T> stream, CancellationToken cancellationToken = default) =>
        stream.ToListAsync(LocalRunner.Default, cancellationToken);

    /// <inheritdoc cref="StreamResults.ToAsyncEnumerable{T}"/>
    public static IAsyncEnumerable<T> ToAsyncEnumerable<T>(this Stream<T> stream, CancellationToken cancellationToken = default) =>
        stream.ToAsyncEnumerable(LocalRunner.Default, cancellationToken);

    /// <inheritdoc cref="StreamResults.ToObservable{T}"/>
    public static IObservable<T> ToObservable<T>(this Stream<T> stream) => stream.ToObservable(LocalRunner.Default);
}
