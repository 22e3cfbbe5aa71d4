namespace Culvert.Storage;

/// <summary>How long a cloud is waited for, and how often it is asked again.</summary>
public sealed record CloudRetryOptions
{
    /// <summary>Attempts at a call, the first included; from 1. A quorum does not wait for the last of them. Default 4.</summary>
    public int AttemptsMax { get; init; } = 4;

    /// <summary>How long an attempt may take, besides what its bytes take. More than 0. Default 30 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A slower transfer counts as broken: bytes of an object lengthen <see cref="AttemptTimeout"/> by their number over this. Default 128 KiB/s.</summary>
    public int BytesPerSecondMin { get; init; } = 128 << 10;

    /// <summary>The longest pause before the second attempt; it doubles with each, up to <see cref="PauseMax"/>. Default 200 ms.</summary>
    public TimeSpan PauseBase { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause of all. Default 10 s.</summary>
    public TimeSpan PauseMax { get; init; } = TimeSpan.FromSeconds(10);
}
