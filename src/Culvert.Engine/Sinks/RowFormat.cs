using System.Buffers;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>How rows become the bytes of a file.</summary>
public abstract class RowFormat
{
    /// <summary>Its name in job files and in the plan.</summary>
    public abstract string Name { get; }

    /// <summary>Writes what comes before the first row.</summary>
    public abstract void WriteHeader(Schema schema, IBufferWriter<byte> writer);

    /// <summary>Writes a batch's rows.</summary>
    public abstract void WriteRows(Batch batch, IBufferWriter<byte> writer);
}
