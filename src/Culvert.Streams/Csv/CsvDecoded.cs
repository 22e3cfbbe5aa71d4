using System.Buffers;

namespace Culvert.Streams;

/// <summary>
/// What a <see cref="CsvDecoder"/> made of its input: the batches, in order, and what was wrong. Owns the batches until they
/// are taken with <see cref="TakeBatch"/>.
/// </summary>
public sealed class CsvDecoded : IDisposable
{
    /// <summary>Malformed rows that are kept with their words; all are counted.</summary>
    public const int MalformedKeptMax = 10;

    private readonly List<MalformedRow> _malformed = [];
    private int _taken;

    /// <summary>Finished batches, in the order of their rows.</summary>
    public List<Batch> Batches { get; } = [];

    /// <summary>For each batch, where its rows start in the file; only while <see cref="TrackRows"/> is on.</summary>
    public List<long[]> RowOffsets { get; } = [];

    /// <summary>Whether to keep where each row starts; costs memory, so only for finding a row again.</summary>
    public bool TrackRows { get; init; }

    /// <summary>Data rows seen, malformed ones included.</summary>
    public long Rows { get; internal set; }

    /// <summary>Malformed rows seen.</summary>
    public long MalformedCount { get; private set; }

    /// <summary>Where a row starts that is longer than allowed, behind which nothing was decoded; -1 when there is none.</summary>
    public long RowTooLong { get; internal set; } = -1;

    /// <summary>The first of the malformed rows, by offset.</summary>
    public IReadOnlyList<MalformedRow> Malformed => _malformed;

    /// <summary>The bytes of malformed rows, each with a line end (a last line gets one if it has none); null when nobody wants them.</summary>
    public ArrayBufferWriter<byte>? SetAside { get; init; }

    /// <summary>Hands the next batch, and what its disposal asks, to the caller; false when none is left.</summary>
    public bool TakeBatch([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Batch? batch)
    {
        batch = _taken < Batches.Count ? Batches[_taken++] : null;
        return batch is not null;
    }

    /// <summary>Forgets everything and disposes the batches that are still here.</summary>
    public void Clear()
    {
        while (TakeBatch(out Batch? batch))
        {
            batch.Dispose();
        }

        _taken = 0;
        Batches.Clear();
        RowOffsets.Clear();
        _malformed.Clear();
        SetAside?.ResetWrittenCount();
        (Rows, MalformedCount, RowTooLong) = (0, 0, -1);
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    internal void AddMalformed(MalformedRow row, ReadOnlySpan<byte> bytes)
    {
        MalformedCount++;
        int at = _malformed.Count;
        while (at > 0 && _malformed[at - 1].Offset > row.Offset)
        {
            at--;
        }

        if (at < MalformedKeptMax)
        {
            _malformed.Insert(at, row);
            if (_malformed.Count > MalformedKeptMax)
            {
                _malformed.RemoveAt(MalformedKeptMax);
            }
        }

        SetAside?.Write(bytes);
    }
}
