using System.Buffers.Binary;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Gives rows their time and follows it: at the end of a round the watermark is the newest time less the disorder.</summary>
internal sealed class EventTimeOperator(EventTimeNode node) : Operator
{
    /// <summary>A partition without an event for this many rounds no longer holds the others back.</summary>
    private const int RoundsUntilIdle = 8;

    private readonly Kernel _time = Kernel.Compile(node.Time);
    private readonly int[] _kept =
    [
        .. Enumerable.Range(0, node.Inputs[0].Schema.Count).Where(i => node.Inputs[0].Schema[i].Name != Node.EventTimeColumn),
    ];

    private long _newest = long.MinValue;
    private long _roundsQuiet;
    private bool _sawEvent;

    internal override void Process(int input, Batch batch)
    {
        Column time;
        try
        {
            time = AsDateTime(_time.Evaluate(batch));
        }
        catch (RowFailedException failure) when (Note(failure, batch))
        {
            throw;
        }

        foreach (DateTime moment in ((FixedColumn<DateTime>)time).Values)
        {
            _newest = Math.Max(_newest, moment.Ticks);
        }

        _sawEvent |= batch.Count > 0;
        Column[] columns = [.. _kept.Select(i => batch[i].Retain()), time];
        Batch timed = new(node.Schema, columns, batch.Count);
        batch.Dispose();
        Emit(timed);
    }

    internal override Watermark Advance(Watermark input)
    {
        _roundsQuiet = _sawEvent ? 0 : _roundsQuiet + 1;
        _sawEvent = false;
        return _newest == long.MinValue || _roundsQuiet >= RoundsUntilIdle
            ? Watermark.Idle
            : new Watermark(Math.Max(0, _newest - node.Disorder.Ticks));
    }

    internal override void Save(ByteBuffer cells)
    {
        BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), _newest);
        BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), _roundsQuiet);
    }

    internal override void Restore(ReadOnlySpan<byte> cells)
    {
        _newest = BinaryPrimitives.ReadInt64LittleEndian(cells);
        _roundsQuiet = BinaryPrimitives.ReadInt64LittleEndian(cells[sizeof(long)..]);
    }

    private static FixedColumn<DateTime> AsDateTime(Column column)
    {
        for (int row = 0; !column.AllValid && row < column.Count; row++)
        {
            if (column.IsNull(row))
            {
                column.Dispose();
                throw new RowFailedException(row, "the event has no time: filter such events out before the event time is set");
            }
        }

        if (column is FixedColumn<DateTime> { Type.Nullable: false } direct)
        {
            return direct;
        }

        DateTime[] times = ColumnPool.Shared.Rent<DateTime>(column.Count);
        for (int row = 0; row < column.Count; row++)
        {
            times[row] = column is FixedColumn<DateTimeOffset> offsets
                ? offsets.Values[row].UtcDateTime
                : ((FixedColumn<DateTime>)column).Values[row];
        }

        FixedColumn<DateTime> result = new(new ColumnType(ValueKind.DateTime), times, column.Count);
        column.Dispose();
        return result;
    }
}
