using Culvert.Streams;

namespace Culvert.Lua.Tests;

/// <summary>Values on their way into Lua and out again.</summary>
public sealed class ValueTests
{
    [Theory]
    [InlineData("bool", true, false, null)]
    [InlineData("int8", -128, 127, null)]
    [InlineData("uint8", 0, 255, null)]
    [InlineData("int16", -32768, 32767, null)]
    [InlineData("uint16", 0, 65535, null)]
    [InlineData("int32", int.MinValue, int.MaxValue, null)]
    [InlineData("uint32", 0, uint.MaxValue, null)]
    [InlineData("int64", long.MinValue, long.MaxValue, null)]
    [InlineData("uint64", 0, long.MaxValue, null)]
    [InlineData("float32", -1.5f, float.NaN, null)]
    [InlineData("float64", 0.1, double.NegativeInfinity, null)]
    [InlineData("text", "Zürich", "", null)]
    public void Come_back_as_they_went(string type, object? first, object? second, object? third)
    {
        Schema schema = Events.Of($"v: {type}?", "x: int32");
        using Batch input = Events.Batch(schema, [first, 1], [second, 2], [third, 3]);
        using LuaMap map = new(Events.Script("function map(e) return e end"), schema, schema);
        using Batch output = map.Apply(input);
        Assert.Equal(Events.Rows(input), Events.Rows(output));
        Assert.Equal(input[0].IsNull(2), output[0].IsNull(2));
    }

    [Fact]
    public void Times_and_decimals_come_back_as_they_went()
    {
        Schema schema = Events.Of("t: datetime", "d: decimal", "b: bytes");
        object?[] row = [new DateTime(1969, 12, 31, 23, 59, 59, 123).AddMicroseconds(456), 12345678901234567890.123456789m, new byte[] { 0, 255, 0xC3, 10 }];
        using Batch input = Events.Batch(schema, row);
        using LuaMap map = new(Events.Script("function map(e) return e end"), schema, schema);
        using Batch output = map.Apply(input);
        Assert.Equal(Events.Rows(input), Events.Rows(output));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_untouched()
    {
        byte[] bytes = [0xE2, 0, (byte)'N', 0xFF, 10];
        Assert.Equal(bytes, Evaluate.Bytes("return line", bytes));
    }

    [Fact]
    public void Columns_by_dictionary_read_like_plain_ones()
    {
        using Batch plain = Events.Batch(Events.Of("c: text?"), ["AA"], ["WN"]);
        TextColumn words = (TextColumn)plain[0].Retain();
        int[] codes = ColumnPool.Shared.Rent<int>(5000);
        for (int i = 0; i < 5000; i++)
        {
            codes[i] = i % 2;
        }

        using Batch input = new(Events.Of("c: text?", "n: int32"), [new DictionaryColumn(new ColumnType(ValueKind.Text, true), codes, words, 5000), .. NumberColumn(5000)], 5000);
        using LuaFilter filter = new(Events.Script("function filter(e) return e.c == 'WN' end"), input.Schema);
        int[] rows = new int[5000];
        Assert.Equal(2500, filter.Select(input, rows));
        Assert.Equal([1, 3, 5], rows[..3]);
        Assert.Equal(4999, rows[2499]);
    }

    [Theory]
    [InlineData("int32", "'7'", "test.lua: map returned an event in which the field 'x' has to be int32, and is the text \"7\"")]
    [InlineData("int32", "7.5", "test.lua: map returned an event in which the field 'x' has to be int32, and is the float 7.5")]
    [InlineData("int8", "128", "test.lua: map returned an event in which the field 'x' has to be int8, and is the integer 128")]
    [InlineData("uint64", "-1", "test.lua: map returned an event in which the field 'x' has to be uint64, and is the integer -1")]
    [InlineData("text", "7", "test.lua: map returned an event in which the field 'x' has to be text, and is the integer 7")]
    [InlineData("bool", "{}", "test.lua: map returned an event in which the field 'x' has to be bool, and is a table")]
    [InlineData("int32", "nil", "test.lua: map returned an event in which the field 'x' is missing; it has to be int32 (a type with '?' allows missing values)")]
    public void A_value_of_another_type_is_an_error_of_its_row(string type, string value, string message)
    {
        using LuaMap map = new(Events.Script($"function map(e) if e.k == 2 then return {{ x = {value}, y = 1 }} end end"), Events.Of("k: int32"), Events.Of($"x: {type}", "y: int32"));
        using Batch input = Events.Batch(map.Input, [1], [2]);
        RowFailedException e = Assert.Throws<RowFailedException>(() => map.Apply(input));
        Assert.Equal(message, e.Message);
        Assert.Equal(1, e.Row);
        Assert.Equal("{k=2}", e.Event);
    }

    [Fact]
    public void A_float_with_a_whole_value_is_an_integer() =>
        Assert.Equal(["6"], MapOne("return { x = 12 / 2 }", "int32"));

    [Fact]
    public void Errors_name_line_and_event()
    {
        using LuaMap map = new(new LuaScript("map.lua", "function map(e)\n  local x = 1\n  return { x = e.carrier.code.x }\nend"), Events.Of("carrier: text", "delay: int32?"), Events.Of("x: text"));
        using Batch input = Events.Batch(map.Input, ["AA", null]);
        RowFailedException e = Assert.Throws<RowFailedException>(() => map.Apply(input));
        Assert.Equal("map.lua:3: attempt to index a nil value (field 'code')", e.Message);
        Assert.Equal("{carrier=\"AA\", delay=nil}", e.Event);
        Assert.Equal(3, ((LuaFailedException)e.InnerException!).Line);
    }

    [Fact]
    public void An_array_is_no_event() =>
        Assert.Contains("returned an array ([1] is set)", Assert.Throws<RowFailedException>(() => MapOne("return { 1, 2 }", "int32")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_filter_that_returns_a_number_is_an_error()
    {
        using LuaFilter filter = new(Events.Script("return function(line) return 0 end"), Events.Lines);
        using Batch batch = Events.LineBatch("x");
        Assert.Equal("test.lua: filter has to return true or false; it returned a number", Assert.Throws<RowFailedException>(() => filter.Select(batch, new int[1])).Message);
    }

    [Fact]
    public void Syntax_errors_name_script_and_line()
    {
        Failure? failure = new LuaScript("map.lua", "local x = 1\nfunction map(e) retrun x end").Check().Failure;
        Assert.Equal("map.lua:2: syntax error near 'x'", failure?.Message);
        Assert.True(new LuaScript("map.lua", "-- only a comment: do while [[").Check().Succeeded);
    }

    [Fact]
    public void Fields_are_inferred_from_a_sample()
    {
        using Batch sample = Events.LineBatch("no", "1", "2.5");
        Outcome<Schema> schema = LuaMap.InferSchema(Events.Script("function map(l) if l ~= 'no' then return { n = tonumber(l), t = l, b = true } end end"), sample);
        Assert.Equal("b: bool?, n: float64?, t: text?", schema.Value.ToString());
    }

    [Theory]
    [InlineData("function map(e) return { x = e.a } end", "5")]
    [InlineData("function map(e) local f = e return { x = f.b } end", "6")]
    [InlineData("function map(e) local s = 0 for _, v in pairs(e) do s = s + v end return { x = s } end", "11")]
    [InlineData("function map(e) return { x = e['b'] } end", "6")]
    [InlineData("local function other(q) return { x = q.b } end\nlocal function map(e) return { x = e.a } end\nreturn other", "6")]
    [InlineData("function map(e)\n return { x = e.a }\n end\n local map2 = function(q) return { x = q.b } end\n map = map2", "6")]
    public void Fields_that_are_read_are_there_however_they_are_read(string script, string expected)
    {
        using LuaMap map = new(Events.Script(script), Events.Of("a: int32", "b: int32"), Events.Of("x: int64"));
        using Batch input = Events.Batch(map.Input, [5, 6]);
        using Batch output = map.Apply(input);
        Assert.Equal([expected], Events.Rows(output));
    }

    private static string[] MapOne(string body, string type)
    {
        using LuaMap map = new(Events.Script($"function map(line) {body} end"), Events.Lines, Events.Of($"x: {type}"));
        using Batch input = Events.LineBatch("x");
        using Batch output = map.Apply(input);
        return Events.Rows(output);
    }

    private static Column[] NumberColumn(int count) => [new FixedColumn<int>(new ColumnType(ValueKind.Int32), ColumnPool.Shared.Rent<int>(count), count)];
}
