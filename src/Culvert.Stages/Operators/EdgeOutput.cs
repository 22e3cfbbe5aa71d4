using System.Buffers.Binary;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// The producer's end of an edge: chooses the partition of each row or batch by the plan's policy, numbers the frames of
/// each receiving partition, and closes every round with each of them.
/// </summary>
internal sealed class EdgeOutput : Target
{
    private readonly Edge _edge;
    private readonly Producer _producer;
    private readonly int _partitions;
    private readonly IFrameSink _frames;
    private readonly Secret? _dispatchKey;
    private readonly SequenceNumber[] _next;
    private readonly KeyCodec[] _codecs;
    private readonly ByteBuffer _key = new();
    private readonly int[] _counts;
    private int[] _partitionOfRow = [];
    private int[] _rows = [];
    private int[] _partitionOfCode = [];
    private long _turn;

    internal EdgeOutput(Edge edge, Producer producer, int partitions, IFrameSink frames, Secret? dispatchKey)
    {
        _edge = edge;
        _producer = producer;
        _partitions = partitions;
        _frames = frames;
        _dispatchKey = dispatchKey;
        _next = new SequenceNumber[partitions];
        _codecs = [.. edge.KeyColumns.Select(c => KeyCodec.Create(edge.Schema[c].Type))];
        _counts = new int[partitions + 1];
    }

    /// <summary>The round that data frames belong to.</summary>
    internal Round Round { get; set; } = new(0);

    internal EdgeId Id => _edge.Id;

    /// <summary>The operator whose watermark the edge carries.</summary>
    internal int Operator => _edge.Operator;

    internal override void Receive(Batch batch)
    {
        switch (_edge.Dispatch)
        {
            case Dispatch.Forward:
                Send(new PartitionId(_producer.Partition.Value % _partitions), batch);
                break;
            case Dispatch.Gather:
                Send(new PartitionId(0), batch);
                break;
            case Dispatch.RoundRobin:
                Send(new PartitionId((int)((_turn++ + _producer.Partition.Value) % _partitions)), batch);
                break;
            case Dispatch.Broadcast:
                for (int p = 1; p < _partitions; p++)
                {
                    Send(new PartitionId(p), batch.Retain());
                }

                Send(new PartitionId(0), batch);
                break;
            case Dispatch.ByKey:
                SendByKey(batch);
                break;
            default:
                throw new InvalidOperationException($"no dispatch {_edge.Dispatch}");
        }
    }

    /// <summary>Closes the round with every partition.</summary>
    internal void CloseRound(Round round, Watermark watermark)
    {
        for (int p = 0; p < _partitions; p++)
        {
            Send(FrameKind.Close, new PartitionId(p), round, watermark, null);
        }

        Round = round.Next;
    }

    /// <summary>Ends the stream for every partition.</summary>
    internal void End(Round round)
    {
        for (int p = 0; p < _partitions; p++)
        {
            Send(FrameKind.End, new PartitionId(p), round, Watermark.End, null);
        }
    }

    internal void Save(ByteBuffer cells)
    {
        BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), _turn);
        foreach (SequenceNumber next in _next)
        {
            BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), next.Value);
        }
    }

    internal void Restore(ReadOnlySpan<byte> cells, Round completed)
    {
        _turn = BinaryPrimitives.ReadInt64LittleEndian(cells);
        for (int p = 0; p < _partitions; p++)
        {
            _next[p] = new SequenceNumber(BinaryPrimitives.ReadInt64LittleEndian(cells[(sizeof(long) * (p + 1))..]));
        }

        Round = completed.Next;
    }

    private void Send(PartitionId to, Batch batch) => Send(FrameKind.Data, to, Round, default, batch);

    private void Send(FrameKind kind, PartitionId to, Round round, Watermark watermark, Batch? batch)
    {
        SequenceNumber sequence = _next[to.Value];
        _next[to.Value] = sequence.Next;
        _frames.Send(new Frame(kind, _edge.Id, to, _producer, round, sequence, watermark, batch));
    }

    private void SendByKey(Batch batch)
    {
        if (_partitions == 1)
        {
            Send(new PartitionId(0), batch);
            return;
        }

        int count = batch.Count;
        if (_rows.Length < count)
        {
            _rows = new int[count];
            _partitionOfRow = new int[count];
        }

        ChoosePartitions(batch);
        Array.Clear(_counts);
        for (int row = 0; row < count; row++)
        {
            _counts[_partitionOfRow[row] + 1]++;
        }

        for (int p = 0; p < _partitions; p++)
        {
            _counts[p + 1] += _counts[p];
        }

        Span<int> next = stackalloc int[_partitions];
        _counts.AsSpan(0, _partitions).CopyTo(next);
        for (int row = 0; row < count; row++)
        {
            _rows[next[_partitionOfRow[row]]++] = row;
        }

        for (int p = 0; p < _partitions; p++)
        {
            ReadOnlySpan<int> rows = _rows.AsSpan(_counts[p], _counts[p + 1] - _counts[p]);
            if (rows.Length > 0)
            {
                Send(new PartitionId(p), batch.Gather(rows));
            }
        }

        batch.Dispose();
    }

    private void ChoosePartitions(Batch batch)
    {
        if (_codecs.Length == 1 && batch[_edge.KeyColumns[0]] is DictionaryColumn coded)
        {
            ChooseByCode(coded);
            return;
        }

        for (int row = 0; row < batch.Count; row++)
        {
            _key.Clear();
            for (int k = 0; k < _codecs.Length; k++)
            {
                _codecs[k].Encode(batch[_edge.KeyColumns[k]], row, _key);
            }

            _partitionOfRow[row] = PartitionOf(_key.Span);
        }
    }

    /// <summary>A dictionary's entries are hashed once each.</summary>
    private void ChooseByCode(DictionaryColumn column)
    {
        int entries = column.Dictionary.Count;
        if (_partitionOfCode.Length < entries)
        {
            _partitionOfCode = new int[entries];
        }

        _partitionOfCode.AsSpan(0, entries).Fill(-1);
        ReadOnlySpan<int> codes = column.Codes;
        for (int row = 0; row < codes.Length; row++)
        {
            // A missing value shares its code with an entry, so it is not remembered by code.
            int known = column.IsNull(row) ? -1 : _partitionOfCode[codes[row]];
            if (known < 0)
            {
                _key.Clear();
                _codecs[0].Encode(column, row, _key);
                known = PartitionOf(_key.Span);
                if (!column.IsNull(row))
                {
                    _partitionOfCode[codes[row]] = known;
                }
            }

            _partitionOfRow[row] = known;
        }
    }

    /// <summary>By the hash's low half: a table within the partition places entries by its high bits.</summary>
    private int PartitionOf(ReadOnlySpan<byte> key)
    {
        ulong hash = _dispatchKey is null ? StateHash.Of(key) : KeyedHash.Of(_dispatchKey.Bytes, key);
        return (int)(((hash & uint.MaxValue) * (ulong)_partitions) >> 32);
    }
}
