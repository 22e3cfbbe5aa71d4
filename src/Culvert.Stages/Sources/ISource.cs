using System.Buffers;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Where events come from, cut into a fixed number of partitions. A source is replayable: reading again from a position
/// gives the same rounds. Made once per run; its partitions are read by any thread, each by one at a time.
/// </summary>
public interface ISource : IDisposable
{
    /// <summary>The columns it delivers: those the plan asked for.</summary>
    Schema Schema { get; }

    /// <summary>How many partitions it was cut into; the same for every run of a plan over the same input.</summary>
    int PartitionCount { get; }

    /// <summary>The bytes to read in all, where that is known.</summary>
    long? TotalBytes { get; }

    /// <summary>
    /// What must be the same when a run is resumed: names, lengths, digests. Written into the first snapshot.
    /// </summary>
    ReadOnlyMemory<byte> Identity { get; }

    /// <summary>
    /// Compares this source with the identity of the run to be resumed; the failure names what was replaced, cut or lost.
    /// A file that only grew is accepted where the source follows it.
    /// </summary>
    Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity);

    /// <summary>Opens a partition, at its start when <paramref name="position"/> is empty, else at a position it wrote.</summary>
    ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position);
}

/// <summary>One partition of a source.</summary>
public interface ISourcePartition : IDisposable
{
    /// <summary>
    /// Reads one round: hands its batches to <paramref name="emit"/> in order (the receiver disposes them) and tells what
    /// comes next. A round is bounded by the source's round size. Never waits for more than a disk: where input is not there
    /// yet it returns <see cref="SourceStep.Wait"/>. A row that cannot be read is counted and handled by the source's policy.
    /// Throws <see cref="SourceFailedException"/> when the input cannot be read on.
    /// </summary>
    SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken);

    /// <summary>Writes the position behind the last whole round.</summary>
    void WritePosition(IBufferWriter<byte> writer);

    /// <summary>The place of a row of the batch that is being emitted right now: <c>flights.csv:1042</c>.</summary>
    string Locate(int row);

    /// <summary>Called by the partition when it said <see cref="SourceStep.Wait"/> and now has input; set by the engine.</summary>
    Action? Wake { get; set; }

    /// <summary>What was read so far; from any thread.</summary>
    SourceCounts Counts { get; }
}

/// <summary>What a source's partition has read.</summary>
/// <param name="Rows">Data rows read, malformed ones included.</param>
/// <param name="Bytes">Bytes read, as stored (compressed, if they are).</param>
/// <param name="Malformed">Rows that could not be read.</param>
public readonly record struct SourceCounts(long Rows, long Bytes, long Malformed);

/// <summary>What a call to <see cref="ISourcePartition.ReadRound"/> ended with.</summary>
public enum SourceStepKind
{
    /// <summary>A round was read, and there may be more.</summary>
    Round,

    /// <summary>Nothing was read; ask again after a time, or when woken.</summary>
    Wait,

    /// <summary>The input has ended; this call read no round.</summary>
    End,
}

/// <summary>What a call to <see cref="ISourcePartition.ReadRound"/> ended with, and how long to wait.</summary>
public readonly record struct SourceStep(SourceStepKind Kind, TimeSpan WaitFor)
{
    public static SourceStep Round => new(SourceStepKind.Round, default);

    public static SourceStep End => new(SourceStepKind.End, default);

    /// <summary>Asks to be called again after <paramref name="time"/>, or earlier when <see cref="ISourcePartition.Wake"/> is called.</summary>
    public static SourceStep Wait(TimeSpan time) => new(SourceStepKind.Wait, time);
}

/// <summary>Input that cannot be read (on): the message says what, where (file, line) and what to do.</summary>
public sealed class SourceFailedException(string message, Exception? inner = null) : Exception(message, inner);
