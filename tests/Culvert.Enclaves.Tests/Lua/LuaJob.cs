using Culvert.Lua;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.Enclaves.Tests.Lua;

/// <summary>A job of Lua functions of all roles: words with numbers, of which even ones are kept and doubled, and added up per word.</summary>
internal static class LuaJob
{
    internal const string Map = "function map(event) return { word = event.word, n = event.n * 2 } end";

    internal const string Filter = "function filter(event) return event.n % 2 == 0 end";

    internal const string Reduce = """
        initial = { total = 0 }
        function reduce(accumulator, event)
          accumulator.total = accumulator.total + event.n
          return accumulator
        end
        """;

    internal static readonly Schema Words = new(new Field("word", new ColumnType(ValueKind.Text)), new Field("n", new ColumnType(ValueKind.Int64)));

    internal static readonly Schema Totals = new(new Field("total", new ColumnType(ValueKind.Int64)));

    internal static Plan Compile(string map = Map, LuaLimits? limits = null, string name = "map.lua")
    {
        SourceNode source = new(new OpaqueSourceSpec("words", 1), Words);
        CodeNode kept = new(source, new LuaFilterCode("filter.lua", Filter, Words));
        CodeNode doubled = new(kept, new LuaMapCode(name, map, Words, Words, limits));
        FoldNode totals = new(
            doubled, [new NamedExpr("word", Expr.Column(Words, "word"))], new LuaFoldCode("reduce.lua", Reduce, Words, Totals));
        return Plan.Compile(new Job("lua", new SinkNode(totals, new OpaqueSinkSpec("rows"))) { KeyPartitions = 1 });
    }
}
