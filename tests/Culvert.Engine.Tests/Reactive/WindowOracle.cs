using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>
/// What windows have to give, worked out event by event as docs/semantics.md says it, with lists and no cleverness.
/// Shares no code with the engine.
/// </summary>
internal sealed class WindowOracle
{
    private const int RoundsUntilIdle = 8;

    private readonly WindowSpec _window;
    private readonly List<Event> _taken = [];
    private DateTime? _watermark;

    internal WindowOracle(ScriptedSource<Event> source, WindowSpec window, TimeSpan disorder)
    {
        _window = window;
        int rounds = source.Rounds.Max(p => p.Length);
        for (int round = 0; round < rounds; round++)
        {
            List<Event> ofRound = [.. source.Rounds.Where(p => round < p.Length).SelectMany(p => p[round])];
            List<Event> late = [.. ofRound.Where(e => WindowsOf(e.Time).All(IsGivenUp))];
            Late.AddRange(late);
            List<Event> onTime = [.. ofRound.Except(late, ReferenceEqualityComparer.Instance).Cast<Event>()];
            _taken.AddRange(onTime);
            DateTime? next = Later(_watermark, WatermarkAfter(source, round, disorder));
            Fire(onTime, next);
            _watermark = next;
        }

        Fire([], DateTime.MaxValue);
    }

    /// <summary>The rows in the order in which a key's rows come out.</summary>
    internal List<WindowRow> Rows { get; } = [];

    internal List<Event> Late { get; } = [];

    /// <summary>The least over the partitions of the newest time so far less the disorder; without those that ended, or are idle.</summary>
    private static DateTime? WatermarkAfter(ScriptedSource<Event> source, int round, TimeSpan disorder)
    {
        DateTime? least = null;
        foreach (Event[][] partition in source.Rounds.Where(p => round < p.Length))
        {
            Event[] seen = [.. partition.Take(round + 1).SelectMany(r => r)];
            int quiet = partition.Take(round + 1).Reverse().TakeWhile(r => r.Length == 0).Count();
            if (seen.Length > 0 && quiet < RoundsUntilIdle)
            {
                DateTime own = seen.Max(e => e.Time) - disorder;
                least = least is null || own < least ? own : least;
            }
        }

        return least;
    }

    private static DateTime? Later(DateTime? left, DateTime? right) => left is null || right > left ? right ?? left : left;

    private void Fire(List<Event> arrived, DateTime? watermark)
    {
        foreach (DateTime start in _taken.SelectMany(e => WindowsOf(e.Time)).Distinct().Order().ToArray())
        {
            DateTime end = start + _window.Size;
            bool isOut = _watermark is { } before && end <= before;
            bool comesOut = !isOut && watermark is { } now && end <= now;
            bool comesAnew = isOut && !IsGivenUp(start);
            if (!comesOut && !comesAnew)
            {
                continue;
            }

            bool Contains(Event e) => e.Time >= start && e.Time < end;
            HashSet<int> changed = [.. arrived.Where(Contains).Select(e => e.Key)];
            foreach (IGrouping<int, Event> group in _taken.Where(Contains).GroupBy(e => e.Key).OrderBy(g => g.Key))
            {
                if (comesOut || changed.Contains(group.Key))
                {
                    Rows.Add(new WindowRow(
                        group.Key, start, end, group.Count(), group.Sum(e => (long)e.Number), group.Average(e => e.Real), group.Max(e => e.Maybe)));
                }
            }
        }
    }

    private bool IsGivenUp(DateTime start) => _watermark is { } now && start + _window.Size + _window.Lateness <= now;

    private IEnumerable<DateTime> WindowsOf(DateTime time)
    {
        // Windows start at multiples of the slide since the year 1.
        for (long start = 0; start <= time.Ticks; start += _window.Slide.Ticks)
        {
            start = Math.Max(start, (time.Ticks - _window.Size.Ticks) / _window.Slide.Ticks * _window.Slide.Ticks);
            if (start <= time.Ticks && time.Ticks < start + _window.Size.Ticks)
            {
                yield return new DateTime(start, DateTimeKind.Utc);
            }
        }
    }
}
