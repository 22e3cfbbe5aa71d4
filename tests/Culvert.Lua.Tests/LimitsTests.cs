using Culvert.Streams;

namespace Culvert.Lua.Tests;

public sealed class LimitsTests
{
    private static readonly LuaLimits Tight = new() { InstructionsPerEventMax = 200_000, MemoryBytesMax = 4 << 20, AllocatedBytesPerCallMax = 1L << 30 };

    [Theory]
    [InlineData("while true do end")]
    [InlineData("repeat until false")]
    [InlineData("for i = 1, math.huge do end")]
    [InlineData("::top:: goto top")]
    [InlineData("local function f() return f() end f()")]
    [InlineData("local function f(n) if n > 0 then f(n - 1) f(n - 1) end end f(60)")]
    [InlineData("pcall(function() while true do end end)")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("pcall(pcall, pcall, function() while true do end end) while true do end")]
    [InlineData("local function f() pcall(f) while true do end end f()")]
    [InlineData("xpcall(function() while true do end end, function() while true do end end)")]
    [InlineData("coroutine.wrap(function() while true do end end)()")]
    [InlineData("local c = coroutine.create(function() while true do end end) while true do coroutine.resume(c) end")]
    [InlineData("while true do pcall(coroutine.wrap(function() while true do end end)) end")]
    [InlineData("while true do coroutine.resume(coroutine.create(function() end)) end")]
    [InlineData("local function f() coroutine.wrap(f)() f() end pcall(f) while true do end")]
    [InlineData("local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end")]
    [InlineData("local t <close> = setmetatable({}, {__close = function() while true do end end})")]
    [InlineData("do local t <close> = setmetatable({}, {__close = function() while true do end end}) while true do end end")]
    [InlineData("table.sort({3, 2, 1}, function() while true do end end)")]
    [InlineData("string.gsub('abc', '.', function() while true do end end)")]
    [InlineData("for _ in function() return 1 end do end")]
    [InlineData("for k in next, setmetatable({}, {}) do end while true do end")]
    [InlineData("table.move({}, 1, 1 << 60, 2)")]
    [InlineData("table.concat(setmetatable({}, {__index = function() return '' end, __len = function() return 1 << 60 end}))")]
    [InlineData("table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)")]
    [InlineData("table.remove(setmetatable({}, {__len = function() return 1 << 60 end}), 1)")]
    [InlineData("table.sort(setmetatable({}, {__len = function() return 1 << 60 end}))")]
    [InlineData("table.unpack({}, 1, 1 << 60)")]
    [InlineData("string.find(('a'):rep(5000), ('a-'):rep(20) .. 'b')")]
    [InlineData("string.match(('a'):rep(5000), '.-.-.-.-b')")]
    [InlineData("string.gsub(('a'):rep(5000), '.-.-.-.-b', '')")]
    [InlineData("for _ in string.gmatch(('a'):rep(5000), '.-.-.-.-b') do end")]
    [InlineData("string.find(('a'):rep(30), ('a?'):rep(30) .. ('a'):rep(30) .. 'b')")]
    public void Endless_work_is_ended(string body)
    {
        RowFailedException e = Evaluate.Failure(body + "\nreturn ''", Tight);
        Assert.Equal("more than 200000 instructions for one event", ((LuaFailedException)e.InnerException!).Reason);
        Assert.Equal(0, e.Row);
    }

    [Theory]
    [InlineData("local s = 'x' while true do s = s .. s end")]
    [InlineData("local t = {} for i = 1, 1e9 do t[i] = i end")]
    [InlineData("local t = {} for i = 1, 1e9 do t[#t + 1] = {} end")]
    [InlineData("local t = {} for i = 1, 40 do t = {t, t} end require('json').encode(t)")]
    [InlineData("pcall(function() local s = 'x' while true do s = s .. s end end)")]
    [InlineData("for i = 1, 1000 do pcall(string.rep, 'x', 4000000) end")]
    [InlineData("local s = ('x'):rep(1000000) return s:gsub('x', s)")]
    [InlineData("local s = ('x'):rep(1000000) local t = {} for i = 1, 1000 do t[i] = s end return table.concat(t)")]
    [InlineData("local t = {} for i = 1, 100000 do t[i] = coroutine.create(function() end) end")]
    public void Memory_past_the_limit_is_refused_even_if_the_script_catches_it(string body)
    {
        LuaLimits limits = Tight with { InstructionsPerEventMax = 1_000_000_000 };
        Assert.Equal("out of memory: the limit is 4096 KiB", Evaluate.Reason(body + "\n", limits));
    }

    [Theory]
    [InlineData("('x'):rep(1 << 40)")]
    [InlineData("('x'):rep(2, ('y'):rep(1 << 40))")]
    public void Texts_too_large_to_make_are_refused_before(string expression) =>
        Assert.Equal("resulting string too large", Evaluate.Reason("return " + expression, Tight));

    [Fact]
    public void Repeating_nothing_is_nothing() => Assert.Equal("", Evaluate.Expression("('') : rep(1 << 60, '')"));

    [Fact]
    public void Recursion_without_end_is_an_error_of_the_script()
    {
        Assert.Contains("stack overflow", Evaluate.Reason("local function f() return 1 + f() end return f()", LuaLimits.Default with { MemoryBytesMax = 256 << 20 }), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_loop_while_loading_is_ended()
    {
        LuaFailedException e = Assert.Throws<LuaFailedException>(() =>
            new LuaMap(Events.Script("local x = 1\nwhile true do x = x + 1 end", Tight), Events.Lines, Events.Lines));
        Assert.Equal(2, e.Line);
        Assert.Equal("test.lua:2: more than 200000 instructions for one event", e.Message);
    }

    [Fact]
    public void A_batch_has_a_limit_of_its_own()
    {
        LuaLimits limits = new() { InstructionsPerBatchMax = 100_000 };
        using LuaFilter filter = new(Events.Script("function filter(line)\nfor i = 1, 100 do end return true end", limits), Events.Lines);
        using Batch batch = Events.LineBatch([.. Enumerable.Repeat("x", 2000)]);
        RowFailedException e = Assert.Throws<RowFailedException>(() => filter.Select(batch, new int[2000]));
        Assert.Equal("test.lua:2: more than 100000 instructions for one batch", e.Message);
        Assert.InRange(e.Row, 50, 1900);
    }

    [Fact]
    public void Garbage_is_collected_between_events()
    {
        using LuaFilter filter = new(Events.Script("function filter(line) local t = {} for i = 1, 100 do t[i] = line .. i end return true end", Tight), Events.Lines);
        using Batch batch = Events.LineBatch([.. Enumerable.Range(0, 20_000).Select(i => $"line {i}")]);
        int[] rows = new int[batch.Count];
        Assert.Equal(20_000, filter.Select(batch, rows));
        Assert.Equal(Enumerable.Range(0, 20_000), rows);
    }

    [Fact]
    public void An_operator_that_failed_is_spent()
    {
        using LuaFilter filter = new(Events.Script("function filter(line) error('no') end"), Events.Lines);
        using Batch batch = Events.LineBatch("x");
        Assert.Throws<RowFailedException>(() => filter.Select(batch, new int[1]));
        Assert.Throws<ObjectDisposedException>(() => filter.Select(batch, new int[1]));
    }

    [Fact]
    public void Instructions_are_counted_by_event_and_not_in_sum()
    {
        LuaLimits limits = new() { InstructionsPerEventMax = 20_000 };
        using LuaFilter filter = new(Events.Script("function filter(line) for i = 1, 200 do end return true end", limits), Events.Lines);
        using Batch batch = Events.LineBatch([.. Enumerable.Repeat("x", 5000)]);
        Assert.Equal(5000, filter.Select(batch, new int[5000]));
    }
}
