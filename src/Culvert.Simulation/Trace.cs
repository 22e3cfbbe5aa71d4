using System.Globalization;
using System.Text;

namespace Culvert.Simulation;

/// <summary>
/// What happened in a world, for people: the newest entries of a bounded number. Off (0 entries) it costs nothing, since
/// a seed that fails is run once more with its trace on.
/// </summary>
public sealed class Trace
{
    private readonly (TimeSpan At, string Who, string What)[] _entries;
    private long _written;

    internal Trace(int entriesMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(entriesMax);
        _entries = new (TimeSpan, string, string)[entriesMax];
    }

    /// <summary>Whether anything is kept.</summary>
    public bool IsOn => _entries.Length > 0;

    internal void Add(TimeSpan at, string who, string what)
    {
        if (IsOn)
        {
            _entries[_written++ % _entries.Length] = (at, who, what);
        }
    }

    /// <summary>The entries, one a line: virtual time in seconds, who, what.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        long first = Math.Max(0, _written - _entries.Length);
        if (first > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"... {first} earlier entries are not shown\n");
        }

        for (long i = first; i < _written; i++)
        {
            (TimeSpan at, string who, string what) = _entries[i % _entries.Length];
            text.Append(CultureInfo.InvariantCulture, $"{at.TotalSeconds,10:f6} {who,-12} {what}\n");
        }

        return text.ToString();
    }
}
