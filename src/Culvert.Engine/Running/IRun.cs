using Culvert.Sealing;

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

    /// <summary>What has been read so far, as far as is known here: for the end of a result that is sealed in this process.</summary>
    SealedCoverage Coverage { get; }

    /// <summary>How far the stages have come.</summary>
    IReadOnlyList<StageProgress> Progress();
}
