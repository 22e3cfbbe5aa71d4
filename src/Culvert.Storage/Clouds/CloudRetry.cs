using System.Buffers.Binary;

namespace Culvert.Storage;

/// <summary>
/// Tries a call until it succeeds, fails for good, or has been tried often enough. Between attempts it pauses for a random time of
/// up to <c>base · 2^n</c>, so that clients that failed together do not come back together (exponential back-off with full jitter).
/// Only <see cref="CloudFailureKind.Unavailable"/> is tried again. Thread safe.
/// </summary>
internal sealed class CloudRetry
{
    // 2^20 times any base is past any cap.
    private const int DoublingsMax = 20;

    private readonly CloudRetryOptions _options;
    private readonly IClock _clock;
    private readonly IEntropy _entropy;

    internal CloudRetry(CloudRetryOptions options, IClock clock, IEntropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AttemptsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.AttemptTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BytesPerSecondMin, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PauseBase, TimeSpan.Zero);
        (_options, _clock, _entropy) = (options, clock, entropy);
    }

    /// <summary>
    /// Runs attempts, numbered from 1. Each is given a token that is cancelled when its time is up; it has to end soon then, for its
    /// end is waited for: nothing goes on using the caller's buffers.
    /// </summary>
    /// <param name="what">The call, for messages.</param>
    /// <param name="bytes">Bytes that it moves at most.</param>
    /// <param name="attempt">One attempt.</param>
    /// <param name="cancellationToken">Stops everything.</param>
    internal async ValueTask<CloudOutcome<T>> RunAsync<T>(
        string what, long bytes, Func<int, CancellationToken, ValueTask<CloudOutcome<T>>> attempt, CancellationToken cancellationToken)
    {
        TimeSpan timeout = _options.AttemptTimeout + TimeSpan.FromSeconds((double)bytes / _options.BytesPerSecondMin);
        for (int number = 1; ; number++)
        {
            CloudOutcome<T> outcome = await WithinAsync(what, timeout, number, attempt, cancellationToken).ConfigureAwait(false);
            if (outcome.Failure?.Kind != CloudFailureKind.Unavailable || number == _options.AttemptsMax)
            {
                return outcome;
            }

            await _clock.Delay(Pause(number), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<CloudOutcome<T>> WithinAsync<T>(
        string what,
        TimeSpan timeout,
        int number,
        Func<int, CancellationToken, ValueTask<CloudOutcome<T>>> attempt,
        CancellationToken cancellationToken)
    {
        using CancellationTokenSource attemptEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource timerEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<CloudOutcome<T>> running = attempt(number, attemptEnd.Token).AsTask();
        Task timer = _clock.Delay(timeout, timerEnd.Token);
        if (await Task.WhenAny(running, timer).ConfigureAwait(false) == running)
        {
            await timerEnd.CancelAsync().ConfigureAwait(false);
            return await running.ConfigureAwait(false);
        }

        await attemptEnd.CancelAsync().ConfigureAwait(false);
        try
        {
            // It may have made it in the last moment.
            CloudOutcome<T> late = await running.ConfigureAwait(false);
            if (late.Failure?.Kind != CloudFailureKind.Unavailable)
            {
                return late;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }

        cancellationToken.ThrowIfCancellationRequested();
        return new CloudFailure(CloudFailureKind.Unavailable, $"{what}: no answer within {timeout.TotalSeconds:0.###} s");
    }

    private TimeSpan Pause(int failures)
    {
        Span<byte> chance = stackalloc byte[sizeof(ulong)];
        _entropy.Fill(chance);
        double share = (BinaryPrimitives.ReadUInt64LittleEndian(chance) >> 11) * (1.0 / (1UL << 53));
        TimeSpan longest = _options.PauseBase * Math.Pow(2, Math.Min(failures - 1, DoublingsMax));
        return share * (longest < _options.PauseMax ? longest : _options.PauseMax);
    }
}
