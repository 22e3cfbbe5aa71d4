namespace Culvert.Benchmarks.KeyRelease;

/// <summary>How long keys take to reach an enclave, through a real broker over the loopback with its store on this disk.</summary>
/// <param name="Releases">How many were measured, one after the other.</param>
/// <param name="ChallengeMillisecondsMedian">From asking for a challenge to having it.</param>
/// <param name="ReleaseMillisecondsMedian">From evidence to keys: sent, verified, written down, sealed, received, opened.</param>
/// <param name="ReleaseMillisecondsP99">The same; 99 of 100 are faster.</param>
/// <param name="FlushMillisecondsMedian">Of that, what the disk takes to flush 4 KiB: the limit.</param>
/// <param name="AtOnce">Enclaves that ask at once.</param>
/// <param name="AtOnceMilliseconds">Until the last of these has its keys, challenges and all.</param>
public sealed record KeyReleaseFigures(
    int Releases,
    double ChallengeMillisecondsMedian,
    double ReleaseMillisecondsMedian,
    double ReleaseMillisecondsP99,
    double FlushMillisecondsMedian,
    int AtOnce,
    double AtOnceMilliseconds);
