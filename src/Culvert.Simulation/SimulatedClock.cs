namespace Culvert.Simulation;

/// <summary>A node's clock: the world's time, seen with the node's skew and rate.</summary>
internal sealed class SimulatedClock(SimulatedNode node) : IClock
{
    /// <summary>When every world begins.</summary>
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset UtcNow
    {
        get
        {
            node.World.Guard();
            return Epoch + node.ClockSkew + (node.World.Now * node.ClockRate);
        }
    }

    public TimeSpan Elapsed
    {
        get
        {
            node.World.Guard();
            return (node.World.Now - node.StartedAt) * node.ClockRate;
        }
    }

    public Task Delay(TimeSpan delay, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        TaskCompletionSource done = new();
        node.After(delay, () => done.TrySetResult());
        if (cancellationToken.CanBeCanceled)
        {
            cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        }

        return done.Task;
    }
}
