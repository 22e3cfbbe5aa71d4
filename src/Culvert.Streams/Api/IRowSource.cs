namespace Culvert.Streams;

/// <summary>A partition of a sequence being read. Used by one thread at a time; waits for nothing but the user's own code.</summary>
public interface IRowSource : IDisposable
{
    /// <summary>How far it has read, in units of its own: where a replayable source can be set to.</summary>
    long Position { get; }

    /// <summary>
    /// Called from any thread when <see cref="Next"/> said <see cref="RowSourceStep.NotYet"/> and now there is something;
    /// set before the first <see cref="Next"/>.
    /// </summary>
    Action? Wake { get; set; }

    /// <summary>Goes on from a position that it had; only replayable sources can.</summary>
    void Seek(long position);

    /// <summary>
    /// Takes at most <paramref name="rowsMax"/> events (or a batch that was made beforehand, whole). The batch is the
    /// caller's to dispose. An error in the sequence is thrown as it is.
    /// </summary>
    RowSourceStep Next(int rowsMax, out Batch? batch);
}
