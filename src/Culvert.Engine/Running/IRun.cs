namespace Culvert.Engine;

/// <summary>A run that was started, wherever its stages run.</summary>
public interface IRun : IAsyncDisposable
{
    /// <summary>Ends when the run does: with a report, or with <see cref="JobFailedException"/>.</summary>
    Task<RunReport> Completion { get; }

    /// <summary>
    /// Asks the run to end early: with snapshots, behind one that is taken now; without, at once. The report then says that
    /// it did not finish. Returns at once.
    /// </summary>
    void Stop();

    /// <summary>Rows that sources have read so far, as far as is known here.</summary>
    long RowsRead { get; }

    /// <summary>How far the stages have come.</summary>
    IReadOnlyList<StageProgress> Progress();
}
