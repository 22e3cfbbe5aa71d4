namespace Culvert;

/// <summary>The port to time. Only sources and shells hold one; protocol cores are told the time as a fact.</summary>
public interface IClock
{
    /// <summary>Wall time, UTC.</summary>
    DateTimeOffset UtcNow { get; }

    /// <summary>Time since some fixed moment; never goes back.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>Completes after <paramref name="delay"/>, or is cancelled.</summary>
    Task Delay(TimeSpan delay, CancellationToken cancellationToken);
}

/// <summary>The port to randomness: bytes that nobody can guess. In a simulation they come from the seed.</summary>
public interface IEntropy
{
    /// <summary>Fills <paramref name="destination"/>.</summary>
    void Fill(Span<byte> destination);
}

/// <summary>
/// The port to stored bytes: named, immutable once put, read in parts. A folder, a cloud-of-clouds or a simulated disk.
/// Names are relative, use <c>/</c>, and hold no <c>..</c>.
/// </summary>
public interface IBlobs
{
    /// <summary>
    /// Stores <paramref name="content"/> under <paramref name="name"/>. When it completes the bytes survive a crash;
    /// before that nobody sees any of them. An existing blob of the name is replaced, all at once.
    /// </summary>
    ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The length in bytes, or null when there is no such blob.</summary>
    ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Reads from <paramref name="offset"/> until <paramref name="destination"/> is full or the blob ends, and tells
    /// how many bytes were read; 0 when there is no such blob.
    /// </summary>
    ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>The names that start with <paramref name="prefix"/>, in ordinal order.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes a blob; nothing happens when there is none.</summary>
    ValueTask DeleteAsync(string name, CancellationToken cancellationToken);
}
