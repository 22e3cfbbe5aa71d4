namespace Culvert.Storage;

/// <summary>
/// What a client noted of a value that no version names: since when nothing of it has come to its clouds, by the client's clock; pure. Clouds
/// are not asked how old their objects are: they may say anything.
/// </summary>
/// <param name="Value">The value.</param>
/// <param name="SinceMs">When it was first seen as it is, ms since 1970.</param>
/// <param name="Progress">How far each cloud had it; -1 where that is not known.</param>
internal sealed record OrphanNote(ValueId Value, long SinceMs, IReadOnlyList<long> Progress)
{
    /// <summary>That is not known.</summary>
    internal const long Unknown = -1;

    /// <summary>
    /// What is noted from now on. An upload that goes on brings each chunk to n - f clouds, of which at least one is correct and among any
    /// n - f that are as they were before: so when so many are, nothing has come. f clouds that pretend otherwise change nothing.
    /// </summary>
    internal static OrphanNote After(OrphanNote? before, ValueId value, IReadOnlyList<long> progress, Quorum quorum, long nowMs)
    {
        bool isUnchanged = before is not null && before.Progress.Count == progress.Count && before.SinceMs <= nowMs
            && before.Progress.Zip(progress).Count(pair => pair.First == pair.Second && pair.First != Unknown) >= quorum.Enough;
        return new OrphanNote(value, isUnchanged ? before!.SinceMs : nowMs, progress);
    }

    /// <summary>Whether it has been as it is for so long that its upload was given up.</summary>
    internal bool IsGivenUp(long nowMs, TimeSpan age) => nowMs - SinceMs >= (long)age.TotalMilliseconds;
}
