using System.Diagnostics;
using System.Security.Cryptography;

namespace Culvert.Storage.Tests;

/// <summary>The machine's clock and chance, for tests against real servers.</summary>
internal sealed class MachinePorts : IClock, IEntropy
{
    private readonly long _start = Stopwatch.GetTimestamp();

    internal static MachinePorts Instance { get; } = new();

    public DateTimeOffset UtcNow => DateTimeOffset.UtcNow;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public Task Delay(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, cancellationToken);

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    /// <summary>A name that no other test takes, good for a bucket, a container and a folder.</summary>
    internal static string NewName() => "t" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}
