using System.Buffers;
using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// A sealed result as the sink of a stage behind a boundary: rows are gathered into row groups, sealed, and given to the host,
/// which appends them to a file. Each partition writes a strand of its own.
/// </summary>
internal sealed class BlockSink : ISinkWriter, IStrandSink
{
    /// <summary>Rows of a row group.</summary>
    private const int GroupRows = 65_536;

    private readonly StageWorker _worker;
    private readonly SealedStrandWriter _strand;
    private readonly RowGroupBuilder _rows;
    private readonly ArrayBufferWriter<byte> _block = new();
    private readonly Func<SealedCoverage> _coverage;
    private readonly SealedFileHeader _header;
    private bool _completed;

    internal BlockSink(StageWorker worker, SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position, IEntropy entropy, Func<SealedCoverage> coverage)
    {
        SealedStream output = worker.Setup.Output ?? throw new StageFailedException("the owner released no key for a sealed result to this worker");
        Outcome<SealedFileHeader> header = SealedFileHeader.Read("the result", output.Header.Span);
        if (header.Failure is { } failure)
        {
            throw new StageFailedException(failure.Message);
        }

        (_worker, _coverage, _header) = (worker, coverage, header.Value);
        if (position.IsEmpty)
        {
            _strand = new SealedStrandWriter(output.Key, header.Value, partition.Value, entropy);
        }
        else
        {
            Outcome<SealedStrandWriter> resumed = SealedStrandWriter.Resume(output.Key, header.Value, partition.Value, entropy, position);
            _strand = resumed.Failure is { } refused ? throw new StageFailedException($"cannot resume: {refused.Message}") : resumed.Value;
        }

        _rows = new RowGroupBuilder(sink.Schema, GroupRows);
    }

    /// <summary>The strand at its end; null before.</summary>
    public ResultStrand? Strand { get; private set; }

    public void Write(Batch batch, Round round)
    {
        for (int row = 0; row < batch.Count;)
        {
            row += _rows.Append(batch, row);
            if (_rows.IsFull)
            {
                Flush();
            }
        }
    }

    public void CloseRound(Round round, Watermark watermark)
    {
    }

    public void Complete()
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        Flush();
        _block.ResetWrittenCount();
        StrandEnd end = _strand.End(_coverage().ToBytes(), _block);
        Strand = new ResultStrand(_header.Stream, _header.Tag, end.Strand, _header.StrandCount, end.GroupCount, end.Tag);
        Send();
    }

    /// <summary>What was gathered goes out first, so that the position is all there is to know.</summary>
    public void WritePosition(IBufferWriter<byte> writer)
    {
        if (!_completed)
        {
            Flush();
        }

        _strand.Save(writer);
    }

    public void MakeDurable()
    {
    }

    public void Dispose()
    {
        _strand.Dispose();
        _rows.Dispose();
    }

    private void Flush()
    {
        if (_rows.Rows == 0)
        {
            return;
        }

        ImmutableArray<EncodedColumn> encoded = _rows.Encode();
        SealedColumn[] columns = [.. encoded.Select(c => new SealedColumn(c.Encoding, c.Values))];
        _block.ResetWrittenCount();
        _strand.AppendGroup(_rows.Rows, columns, _block);
        _rows.Clear();
        Send();
    }

    private void Send() => _worker.Send([(byte)MessageKind.Append], _block.WrittenSpan);
}
