namespace Culvert.Storage;

/// <summary>
/// Finds out once whether a server heeds conditions of puts. What could not be found out is not remembered. Thread safe.
/// </summary>
internal sealed class PutProbe(Func<CancellationToken, ValueTask<CloudOutcome<bool>>> probeAsync) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile object? _known;

    /// <summary>What is known; null before it was asked.</summary>
    internal bool? Known => (bool?)_known;

    /// <summary>Asks the server, unless it is known.</summary>
    internal async ValueTask<CloudOutcome<bool>> AskAsync(CancellationToken cancellationToken)
    {
        if (Known is { } known)
        {
            return known;
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Known is { } meanwhile)
            {
                return meanwhile;
            }

            CloudOutcome<bool> answer = await probeAsync(cancellationToken).ConfigureAwait(false);
            if (answer.Succeeded)
            {
                _known = answer.Value;
            }

            return answer;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
