using System.Buffers;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Rows to the sealed blocks of one strand: gathers row groups, encodes and seals them, and hands the bytes on. Holds about one
/// row group. Not thread safe.
/// </summary>
public sealed class SealedRowsWriter : IDisposable
{
    private readonly SealedStrandWriter _strand;
    private readonly RowGroupBuilder _builder;
    private readonly Action<ReadOnlyMemory<byte>> _write;
    private readonly ArrayBufferWriter<byte> _block = new();

    /// <summary>Writes rows of a schema into a strand.</summary>
    /// <param name="schema">The rows' columns: those of the file's header.</param>
    /// <param name="strand">The strand, which this owns from here on.</param>
    /// <param name="write">Takes each block's bytes, which are only valid in the call.</param>
    /// <param name="groupRows">Rows of a group, 1 to <see cref="SealedFileLimits.GroupRowsMax"/>.</param>
    public SealedRowsWriter(Schema schema, SealedStrandWriter strand, Action<ReadOnlyMemory<byte>> write, int groupRows = SealedFileLimits.GroupRowsAim)
    {
        (_strand, _write) = (strand, write);
        _builder = new RowGroupBuilder(schema, groupRows);
    }

    /// <summary>The strand that is written.</summary>
    public SealedStrandWriter Strand => _strand;

    /// <summary>What a header says of a file with these columns.</summary>
    public static SealedFileContents Contents(SealedFileKind kind, string description, Schema schema) =>
        new(kind, description, [.. schema.Fields.Select(f => f.Name)], ColumnCodec.WriteTypes(schema));

    /// <summary>Writes rows; the batch stays the caller's. A value too long to be sealed throws <see cref="RowFailedException"/>.</summary>
    public void Append(Batch batch)
    {
        for (int at = 0; at < batch.Count;)
        {
            at += _builder.Append(batch, at);
            if (_builder.IsFull)
            {
                Flush();
            }
        }
    }

    /// <summary>Seals the rows gathered as a row group, if there are any.</summary>
    public void Flush()
    {
        if (_builder.Rows == 0)
        {
            return;
        }

        SealedColumn[] columns = [.. _builder.Encode().Select(c => new SealedColumn(c.Encoding, c.Values))];
        _block.ResetWrittenCount();
        _strand.AppendGroup(_builder.Rows, columns, _block);
        _builder.Clear();
        _write(_block.WrittenMemory);
    }

    /// <summary>Seals what is left and the strand's end.</summary>
    public StrandEnd End(SealedCoverage coverage)
    {
        Flush();
        _block.ResetWrittenCount();
        StrandEnd end = _strand.End(coverage.ToBytes(), _block);
        _write(_block.WrittenMemory);
        return end;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _strand.Dispose();
        _builder.Dispose();
    }
}
