namespace Culvert.Storage;

/// <summary>Waiting for some of several calls, while the others go on.</summary>
internal static class QuorumWait
{
    /// <summary>
    /// Gives the results of the calls that ended first, in the order in which they did: so many as <paramref name="isEnough"/> wants to
    /// see, or all. The others go on in the background.
    /// </summary>
    internal static async Task<List<T>> ForAsync<T>(
        IEnumerable<Task<T>> calls, Func<IReadOnlyList<T>, bool> isEnough, BackgroundWork background, CancellationToken cancellationToken)
    {
        Task<T>[] all = [.. calls];
        List<T> ended = [];
        Lock guard = new();
        Completion enough = new(background.Continuations);
        foreach (Task<T> call in all)
        {
            background.Add(Watch(call));
        }

        await enough.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        lock (guard)
        {
            return [.. ended];
        }

        async Task Watch(Task<T> call)
        {
            bool isLast;
            try
            {
                T result = await call.ConfigureAwait(false);
                lock (guard)
                {
                    ended.Add(result);
                    isLast = ended.Count == all.Length || isEnough(ended);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The one who waits is told so.
                enough.Complete();
                return;
            }
            catch
            {
                enough.Complete();
                throw;
            }

            if (isLast)
            {
                enough.Complete();
            }
        }
    }
}
