using Culvert.Streams;

namespace Culvert.Lua.Tests;

/// <summary>What a script cannot reach, attempt by attempt.</summary>
public sealed class SandboxTests
{
    [Theory]
    [InlineData("io")]
    [InlineData("os")]
    [InlineData("debug")]
    [InlineData("package")]
    [InlineData("load")]
    [InlineData("loadstring")]
    [InlineData("loadfile")]
    [InlineData("dofile")]
    [InlineData("collectgarbage")]
    [InlineData("print")]
    [InlineData("warn")]
    [InlineData("string.dump")]
    [InlineData("math.randomseed")]
    [InlineData("_G.os")]
    [InlineData("_ENV.io")]
    [InlineData("rawget(_G, 'debug')")]
    [InlineData("('').dump")]
    [InlineData("string.search_in_lua")]
    [InlineData("__index")]
    public void Is_not_there(string expression) => Assert.Equal("nil", Evaluate.Expression(expression));

    [Fact]
    public void Other_modules_cannot_be_required()
    {
        Assert.Equal("there are two modules, 'csv' and 'json'; not 'io'", Evaluate.Reason("require 'io'"));
    }

    [Theory]
    [InlineData("getmetatable('').__index.rep = nil")]
    [InlineData("setmetatable('', {})")]
    [InlineData("setmetatable(string, {})")]
    [InlineData("string.format = nil")]
    [InlineData("rawset(string, 'format', 1)")]
    [InlineData("rawset(_G, 'x', 1)")]
    [InlineData("rawset(_ENV, 'tostring', 1)")]
    [InlineData("_G.tostring = nil")]
    [InlineData("table.insert(string, 1)")]
    [InlineData("table.move({1}, 1, 1, 1, math)")]
    [InlineData("require 'csv'.parse = nil")]
    [InlineData("require('json').null.x = 1")]
    [InlineData("rawset(require('json').null, 1, 1)")]
    public void Cannot_be_changed(string attempt) => Assert.NotEmpty(Evaluate.Reason(attempt));

    [Fact]
    public void Metatables_of_libraries_and_text_are_hidden()
    {
        Assert.Equal("false false false", Evaluate.Body("return tostring(getmetatable('')) .. ' ' .. tostring(getmetatable(string)) .. ' ' .. tostring(getmetatable(_G))"));
    }

    [Theory]
    [InlineData("setmetatable({}, {__gc = function() end})", "'__gc' cannot be used: what the garbage collector does differs from run to run")]
    [InlineData("setmetatable({}, {__mode = 'k'})", "'__mode' cannot be used: what the garbage collector does differs from run to run")]
    public void Finalizers_and_weak_tables_are_refused(string attempt, string reason) => Assert.Equal(reason, Evaluate.Reason(attempt));

    [Fact]
    public void Finalizers_set_afterwards_never_run()
    {
        Assert.Equal("false", Evaluate.Body("""
            local ran = false
            local m = {}
            setmetatable({}, m)
            m.__gc = function() ran = true end
            for i = 1, 20000 do local t = {i} end
            return tostring(ran)
            """));
    }

    [Fact]
    public void Globals_are_read_only_while_events_are_processed()
    {
        RowFailedException e = Evaluate.Failure("count = (count or 0) + 1");
        Assert.Equal(
            "test.lua:1: the global 'count' cannot be set while events are processed: what has to be remembered belongs into the accumulator of a reduce",
            e.Message);
    }

    [Fact]
    public void Globals_set_while_loading_can_be_read()
    {
        using LuaMap map = new(Events.Script("factor = 3\nlocal function map(e) return { x = e.x * factor } end\nreturn map"), Events.Of("x: int64"), Events.Of("x: int64"));
        using Batch input = Events.Batch(map.Input, [2L]);
        using Batch output = map.Apply(input);
        Assert.Equal(["6"], Events.Rows(output));
    }

    [Fact]
    public void What_a_script_keeps_for_itself_lasts_for_a_batch()
    {
        using LuaMap map = new(Events.Script("local n = 0\nfunction map(e) n = n + 1 return { x = n } end"), Events.Of("x: int64"), Events.Of("x: int64"));
        using Batch input = Events.Batch(map.Input, [0L], [0L]);
        using Batch first = map.Apply(input);
        using Batch again = map.Apply(input);
        Assert.Equal(["1", "2"], Events.Rows(first));
        Assert.Equal(["1", "2"], Events.Rows(again));
    }

    [Fact]
    public void Replacing_its_own_environment_does_no_harm()
    {
        Assert.Equal("nil", Evaluate.Body("local up = tostring local _ENV = {} return up(io)"));
        Assert.Equal("5", Evaluate.Body("_ENV = {} return '5'"));
    }

    [Fact]
    public void The_meter_cannot_be_named()
    {
        LuaFailedException e = Assert.Throws<LuaFailedException>(() => Evaluate.Body("__culvert_left = 1e18"));
        Assert.Equal("names that start with '__culvert' are taken", e.Reason);
    }

    [Fact]
    public void Bytecode_is_not_loaded()
    {
        LuaScript script = new("b.lua", "\x1bLua"u8.ToArray());
        Assert.Contains("attempt to load a binary chunk", script.Check().Failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tostring({})", "table")]
    [InlineData("tostring(tostring)", "function")]
    [InlineData("tostring(coroutine.create(function() end))", "thread")]
    [InlineData("string.format('%s %d', {}, 3)", "table 3")]
    [InlineData("('%s'):format(print or next)", "function")]
    [InlineData("tostring(setmetatable({}, {__name = 'Flight'}))", "Flight")]
    [InlineData("tostring(setmetatable({}, {__tostring = function() return 'me' end}))", "me")]
    [InlineData("select(2, pcall(function() return {} < {} end))", "test.lua:1: attempt to compare two table values")]
    public void Shows_no_address(string expression, string expected) => Assert.Equal(expected, Evaluate.Expression(expression));

    [Theory]
    [InlineData("string.format('%p', {})")]
    [InlineData("('%-10p'):format(next)")]
    [InlineData("string.format('%%%p', {})")]
    public void The_address_format_is_refused(string expression) =>
        Assert.Equal("'%p' would show an address", Evaluate.Reason("return " + expression));

    [Fact]
    public void A_percent_sign_before_a_p_is_no_address() => Assert.Equal("100%p", Evaluate.Expression("string.format('%d%%p', 100)"));
}
