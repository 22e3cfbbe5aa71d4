using System.Buffers.Binary;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Passes events that a window still takes on at port 0, and those that came too late for all at port 1.</summary>
internal sealed class LateSplitOperator(AggregateNode node, Schema input) : Operator
{
    private readonly PaneCutter _cutter = new(node.Window!);
    private readonly int _time = input.IndexOf(Node.EventTimeColumn);
    private long _watermark = long.MinValue;
    private long _late;

    internal override long LateEvents => _late;

    internal override void Process(int port, Batch batch)
    {
        Batch narrow = MergeOperator.Narrow(batch, input);
        ReadOnlySpan<DateTime> times = narrow.Fixed<DateTime>(_time).Values;
        List<int> late = [];
        for (int row = 0; row < times.Length; row++)
        {
            if (_cutter.GivenUpAt(times[row].Ticks) <= _watermark)
            {
                late.Add(row);
            }
        }

        if (late.Count == 0)
        {
            Emit(narrow);
            return;
        }

        _late += late.Count;
        int[] onTime = [.. Enumerable.Range(0, narrow.Count).Except(late)];
        Batch lateRows = narrow.Gather([.. late]);
        Batch rest = narrow.Gather(onTime);
        narrow.Dispose();
        Emit(rest);
        Emit(lateRows, 1);
    }

    internal override void CloseRound(Round round, Watermark watermark) =>
        _watermark = Math.Max(_watermark, watermark.Ticks);

    internal override void Save(ByteBuffer cells)
    {
        BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), _watermark);
        BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), _late);
    }

    internal override void Restore(ReadOnlySpan<byte> cells)
    {
        _watermark = BinaryPrimitives.ReadInt64LittleEndian(cells);
        _late = BinaryPrimitives.ReadInt64LittleEndian(cells[sizeof(long)..]);
    }
}
