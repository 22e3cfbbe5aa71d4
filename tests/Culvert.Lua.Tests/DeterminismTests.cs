using Culvert.Streams;

namespace Culvert.Lua.Tests;

public sealed class DeterminismTests
{
    [Theory]
    [InlineData("for k in pairs(t) do out[#out + 1] = tostring(k) end")]
    [InlineData("for k in next, t do out[#out + 1] = tostring(k) end")]
    [InlineData("local k = next(t) while k ~= nil do next({9}) out[#out + 1] = tostring(k) k = next(t, k) end")]
    public void Keys_come_as_integers_floats_text_and_booleans_ascending(string loop)
    {
        Assert.Equal("-5 1 2 10 1.5 2.5 B a aa false true", Evaluate.Body(
            "local t = {[true] = 1, aa = 1, [10] = 1, [2.5] = 1, a = 1, [-5] = 1, B = 1, [false] = 1, [1.5] = 1, [2] = 1, [1] = 1} local out = {} "
            + loop + " return table.concat(out, ' ')"));
    }

    [Fact]
    public void A_table_as_a_key_cannot_be_iterated() => Assert.Equal(
        "a table with a table as a key cannot be iterated: its order would differ from run to run", Evaluate.Reason("for k in pairs({[{}] = 1}) do end"));

    [Fact]
    public void Entries_removed_on_the_way_are_not_visited() => Assert.Equal(
        "1", Evaluate.Body("local t, n = {a = 1, b = 2, c = 3}, 0 for k in pairs(t) do n = n + 1 t.a, t.b, t.c = nil end return tostring(n)"));

    [Fact]
    public void Sorting_is_stable() => Assert.Equal("b1 c1 a2 d2", Evaluate.Body(
        "local t = {'a2', 'b1', 'c1', 'd2'} table.sort(t, function(x, y) return x:sub(2) < y:sub(2) end) return table.concat(t, ' ')"));

    [Fact]
    public void Fresh_states_give_equal_bytes()
    {
        const string Text = """
            function map(e)
              local t = {}
              for i = 1, 20 do t['k' .. (i * e.x % 17)] = math.random(100) end
              local out = {}
              for k, v in pairs(t) do out[#out + 1] = k .. '=' .. v end
              return { s = table.concat(out, ' ') .. tostring(t) .. math.random() }
            end
            """;
        string[] first = Run(Text, 7);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(first, Run(Text, 7));
        }

        Assert.NotEqual(first, Run(Text, 8));
        Assert.NotEqual(first[0], first[1]);
    }

    private static string[] Run(string script, ulong seed)
    {
        using LuaMap map = new(Events.Script(script), Events.Of("x: int64"), Events.Of("s: text"));
        using Batch input = Events.Batch(map.Input, [3L], [3L], [5L]);
        using Batch output = map.Apply(input, seed);
        return Events.Rows(output);
    }
}
