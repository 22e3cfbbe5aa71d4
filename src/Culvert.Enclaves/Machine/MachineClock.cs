using System.Diagnostics;

namespace Culvert.Enclaves;

/// <summary>The machine's clock.</summary>
public sealed class MachineClock : IClock
{
    private readonly long _start = Stopwatch.GetTimestamp();

    private MachineClock()
    {
    }

    /// <summary>The one there is.</summary>
    public static MachineClock Instance { get; } = new();

    /// <inheritdoc/>
    public DateTimeOffset UtcNow => DateTimeOffset.UtcNow;

    /// <inheritdoc/>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <inheritdoc/>
    public Task Delay(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, cancellationToken);
}
