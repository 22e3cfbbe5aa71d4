namespace Culvert.Storage;

/// <summary>Waiting for some of several tasks.</summary>
internal static class QuorumWait
{
    /// <summary>Ends when so many of some tasks have; those that go on are the caller's.</summary>
    internal static async Task ForAsync(IReadOnlyList<Task> tasks, int enough, CancellationToken cancellationToken)
    {
        List<Task> left = [.. tasks];
        while (tasks.Count - left.Count < enough)
        {
            Task ended = await Task.WhenAny(left).WaitAsync(cancellationToken).ConfigureAwait(false);
            left.Remove(ended);
            await ended.ConfigureAwait(false);
        }
    }
}
