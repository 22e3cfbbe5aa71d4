using System.Globalization;

namespace Culvert.Benchmarks.Windows;

/// <summary>Many result rows as a few figures that are equal for equal rows, in whatever order these come. Not thread safe.</summary>
internal sealed class WindowDigest
{
    private long _rows;
    private long _events;
    private ulong _mixed;

    /// <summary>Takes a row in.</summary>
    public void Add(DateTime start, int key, long count, long sum)
    {
        _rows++;
        _events += count;
        ulong bits = (((ulong)start.Ticks * 0x9E37_79B9_7F4A_7C15) ^ (ulong)key) * 0xBF58_476D_1CE4_E5B9;
        bits = (bits ^ (bits >> 29) ^ (ulong)count) * 0x94D0_49BB_1331_11EB;
        bits = (bits ^ (bits >> 32) ^ (ulong)sum) * 0xD6E8_FEB8_6659_FD93;
        _mixed += bits ^ (bits >> 31);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_rows} rows, {_events} events in windows, {_mixed:x16}\n");
}
