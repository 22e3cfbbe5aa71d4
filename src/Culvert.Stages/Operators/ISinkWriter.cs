using System.Buffers;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>What a sink's partition writes to: made by a shell, which does the I/O. Used by one thread at a time.</summary>
public interface ISinkWriter : IDisposable
{
    /// <summary>Writes rows; the batch stays the caller's. Failures throw <see cref="StageFailedException"/>.</summary>
    void Write(Batch batch, Round round);

    /// <summary>A round is complete: what was written may be shown.</summary>
    void CloseRound(Round round, Watermark watermark);

    /// <summary>All input has been written: give the output its final name.</summary>
    void Complete();

    /// <summary>Writes the position behind the last complete round, so that what lies before it outlives this process.</summary>
    void WritePosition(IBufferWriter<byte> writer);

    /// <summary>Makes what lies before the last position outlive a loss of power. From any thread.</summary>
    void MakeDurable();
}
