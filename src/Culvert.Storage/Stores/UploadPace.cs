namespace Culvert.Storage;

/// <summary>
/// Keeps an upload from ending that made no progress for half the time after which others may take it for given up and remove what it has
/// sent: its machine slept, or its source did. By the wall clock, since others clocks do not stand still when a machine sleeps.
/// </summary>
internal sealed class UploadPace(StoreContext context, UnitName unit)
{
    private long _lastMs = context.NowMs;

    /// <summary>How long ago progress may lie at most.</summary>
    internal static TimeSpan PauseMax(StoreOptions options) => options.GivenUpAfter / 2;

    /// <summary>Something was sent.</summary>
    internal void Went() => _lastMs = context.NowMs;

    /// <summary>Why it must not go on; null when it may.</summary>
    internal Failure? Refuse()
    {
        // A clock that goes back tells nothing.
        TimeSpan paused = TimeSpan.FromMilliseconds(context.NowMs - _lastMs);
        return paused <= PauseMax(context.Options)
            ? null
            : new Failure(FailureKind.Io, $"{unit}: the upload stood still for {paused.TotalHours:0.#} hours, and what was sent of it may have been removed as given up; put it again");
    }
}
