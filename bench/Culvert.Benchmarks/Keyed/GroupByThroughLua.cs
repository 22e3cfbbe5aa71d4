using System.Text;
using Culvert.Engine;
using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Benchmarks.Keyed;

/// <summary>
/// The work of <see cref="GroupByInMemory"/> by three Lua functions: each event crosses the border to Lua and back three times.
/// One thread, so that the figure is a core's.
/// </summary>
public sealed class GroupByThroughLua : IScenario
{
    private const long Events = 5_000_000;

    private const string FilterScript = "function filter(e) return e.Value > 0 end";

    private const string MapScript = "function map(e) return { Key = e.Key, Value = e.Value * 3 + 1 } end";

    private const string ReduceScript = """
        initial = { Count = 0, Sum = 0 }
        function reduce(a, e)
          a.Count = a.Count + 1
          a.Sum = a.Sum + e.Value
          return a
        end
        """;

    private static readonly ColumnType s_whole = new(ValueKind.Int64);
    private static readonly Schema s_mapped = new(new Field("Key", s_whole), new Field("Value", s_whole));
    private static readonly Schema s_reduced = new(new Field("Count", s_whole), new Field("Sum", s_whole));

    /// <inheritdoc/>
    public string Name => "group-by-lua";

    /// <inheritdoc/>
    public string Title => "Filter (half is kept), map, count and sum by one of 1,000 integer keys, by three Lua functions; one core";

    /// <inheritdoc/>
    public string Against => "C# expressions";

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        KeyedEvents events = KeyedEvents.Make(options.Rows ?? Events);
        LocalRunner runner = new(new RunOptions { Workers = 1 });
        return new PreparedScenario(
            [
                new Contender("Lua functions", ContenderRole.Culvert, () => KeyedSum.Text(ThroughLua(events))),
                new Contender(Against, ContenderRole.Culvert, () => KeyedSum.Text(
                    GroupByInMemory.Expressions(Source.FromBatches<KeyedEvent>(events.Batches)).ToListAsync(runner).GetAwaiter().GetResult())),
            ],
            events.Count / 1e6,
            "M events");
    }

    private static IEnumerable<KeyedSum> ThroughLua(KeyedEvents events)
    {
        Schema input = events.Batches[0].Schema;
        using LuaFilter filter = new(Script("filter.lua", FilterScript), input);
        using LuaMap map = new(Script("map.lua", MapScript), input, s_mapped);
        using LuaReduce reduce = new(Script("reduce.lua", ReduceScript), s_mapped, s_reduced);
        bool[] seen = new bool[KeyedEvents.Keys];
        int[] rows = new int[events.Batches[0].Count];
        int[] groups = new int[rows.Length];
        foreach (Batch batch in events.Batches)
        {
            int count = filter.Select(batch, rows);
            using Batch kept = batch.Gather(rows.AsSpan(0, count));
            using Batch mapped = map.Apply(kept);
            ReadOnlySpan<long> keys = mapped.Fixed<long>(0).Values;
            for (int i = 0; i < keys.Length; i++)
            {
                groups[i] = (int)keys[i];
                seen[groups[i]] = true;
            }

            reduce.Fold(mapped, groups.AsSpan(0, keys.Length));
        }

        int[] numbers = [.. Enumerable.Range(0, KeyedEvents.Keys).Where(key => seen[key])];
        using Batch sums = reduce.Finish(numbers);
        return [.. numbers.Select((key, row) => new KeyedSum(key, sums.Fixed<long>(0).Values[row], sums.Fixed<long>(1).Values[row]))];
    }

    private static LuaScript Script(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));
}
