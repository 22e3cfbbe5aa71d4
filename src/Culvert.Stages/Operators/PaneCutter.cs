using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>From times to the starts of the panes they lie in.</summary>
internal sealed class PaneCutter(WindowSpec window)
{
    private readonly long _pane = window.Pane.Ticks;
    private readonly long _slide = window.Slide.Ticks;
    private readonly long _size = window.Size.Ticks;
    private readonly long _lateness = window.Lateness.Ticks;

    internal Column Cut(FixedColumn<DateTime> times)
    {
        DateTime[] panes = ColumnPool.Shared.Rent<DateTime>(times.Count);
        ReadOnlySpan<DateTime> values = times.Values;
        long start = 1;
        long end = 0; // no pane yet
        DateTime pane = default;
        for (int i = 0; i < values.Length; i++)
        {
            long ticks = values[i].Ticks;
            if (ticks < start || ticks >= end)
            {
                start = ticks - (ticks % _pane);
                end = start + _pane;
                pane = new DateTime(start, DateTimeKind.Utc);
            }

            panes[i] = pane;
        }

        return new FixedColumn<DateTime>(new ColumnType(ValueKind.DateTime), panes, values.Length);
    }

    /// <summary>Where the last window that a time lies in ends, lateness included: at this watermark it is given up.</summary>
    internal long GivenUpAt(long ticks) => checked(LastWindow(ticks) + _size + _lateness);

    /// <summary>The start of the last window that a time lies in.</summary>
    internal long LastWindow(long ticks) => ticks - (ticks % _slide);

    /// <summary>The starts of the windows that a pane lies in, the first one first.</summary>
    internal IEnumerable<long> WindowsOf(long pane)
    {
        long last = LastWindow(pane);
        long first = Math.Max(0, last - ((((_size - (pane - last) - _pane) / _slide)) * _slide));
        for (long start = first; start <= last; start += _slide)
        {
            yield return start;
        }
    }
}
