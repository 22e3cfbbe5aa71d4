using Culvert.Streams;

namespace Culvert.Lua.Tests;

/// <summary>The example's three files, straight from its folder.</summary>
public sealed class DelayedFlightsTests
{
    private static readonly Schema Flight = Events.Of("carrier: text", "delay: int32");
    private static readonly Schema Result = Events.Of("delayed: int64", "total: int64", "average: float64");

    [Fact]
    public void Lines_become_delays_by_carrier()
    {
        using Batch lines = Events.LineBatch(
            "Year,Month,DayofMonth,DayOfWeek,DepTime,CRSDepTime,ArrTime,CRSArrTime,UniqueCarrier,FlightNum,TailNum,A,B,C,ArrDelay,DepDelay",
            Line("AA", "10"),
            Line("AA", "NA"),
            Line("WN", "-3"),
            Line("AA", "5"),
            Line("WN", ""),
            Line("WN", "1"));
        using LuaMap map = new(Load("map.lua"), Events.Lines, Flight);
        using Batch flights = map.Apply(lines);
        Assert.Equal(["AA 10", "WN -3", "AA 5", "WN 1"], Events.Rows(flights));

        using LuaFilter filter = new(Load("filter.lua"), Flight);
        int[] kept = new int[flights.Count];
        int count = filter.Select(flights, kept);
        Assert.Equal([0, 2, 3], kept[..count]);

        using Batch late = flights.Gather(kept.AsSpan(0, count));
        using LuaReduce reduce = new(Load("reduce.lua"), Flight, Result);
        reduce.Fold(late, [0, 0, 1]);
        using Batch result = reduce.Finish([0, 1]);
        Assert.Equal(["2 15 7.5", "1 1 1"], Events.Rows(result));
    }

    private static string Line(string carrier, string delay) => $"2008,1,3,4,2003,1955,2211,2225,{carrier},335,N712SW,128,150,116,{delay},8";

    private static LuaScript Load(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Culvert.slnx")))
        {
            folder = folder.Parent;
        }

        Assert.NotNull(folder);
        return new LuaScript(name, File.ReadAllBytes(Path.Combine(folder.FullName, "examples", "delayed-flights", "lua", name)));
    }
}
