using System.Text.Json.Nodes;

namespace Culvert.Lua.Tests;

/// <summary>The modules csv and json.</summary>
public sealed class ModuleTests
{
    [Theory]
    [InlineData("a,b,,d", "a|b||d")]
    [InlineData("", "")]
    [InlineData(",", "|")]
    [InlineData("\"a,b\",\"say \"\"hi\"\"\",c", "a,b|say \"hi\"|c")]
    [InlineData("\"\",x\r\n", "|x")]
    [InlineData("a\"b,c", "a\"b|c")]
    public void A_line_is_taken_apart(string line, string expected)
    {
        Assert.Equal(expected, Evaluate.Body("return table.concat(require 'csv'.parse(line), '|')", line));
        Assert.Equal(expected.Split('|')[^1], Evaluate.Body($"return require 'csv'.field(line, {expected.Split('|').Length})", line));
        Assert.Null(Evaluate.Body($"return require 'csv'.field(line, {expected.Split('|').Length + 1})", line));
    }

    [Theory]
    [InlineData("\"open", "the quote at character 1 is never closed")]
    [InlineData("\"a\"b", "there is text behind the closing quote at character 3")]
    public void Broken_quotes_are_errors(string line, string reason)
    {
        LuaFailedException e = Assert.IsType<LuaFailedException>(Evaluate.Failure("local fields = require 'csv'.parse(line) return fields[1]", null, line).InnerException);
        Assert.Equal(reason, e.Reason);
        Assert.Equal(1, e.Line);
    }

    [Fact]
    public void Other_separators_and_formatting() => Assert.Equal(
        "a;\"b;c\";\"say \"\"x\"\"\";1;true",
        Evaluate.Body("local csv = require 'csv' local l = csv.format({'a', 'b;c', 'say \"x\"', 1, true}, ';') return csv.format(csv.parse(l, ';'), ';')"));

    [Theory]
    [InlineData("{", "JSON: a key in quotes expected at character 2")]
    [InlineData("[1,]", "JSON: a value expected at character 4")]
    [InlineData("[1 2]", "JSON: ',' or ']' expected at character 4")]
    [InlineData("01", "JSON: a number with a leading zero at character 1")]
    [InlineData("{\"a\":1,\"a\":2}", "JSON: a key that occurs twice at character 8")]
    [InlineData("\"\\ud800\"", "JSON: half a surrogate pair at character 2")]
    [InlineData("\"abc", "JSON: a string that is never closed at character 1")]
    [InlineData("1 x", "JSON: text behind the value at character 3")]
    [InlineData("1e999", "JSON: a number out of range at character 1")]
    [InlineData("nul", "JSON: a value expected at character 1")]
    [InlineData("", "JSON: a value expected, the text ends at character 1")]
    public void Broken_json_is_an_error_with_its_place(string text, string reason) =>
        Assert.Equal(reason, ((LuaFailedException)Evaluate.Failure("return require 'json'.decode(line)", null, text).InnerException!).Reason);

    [Fact]
    public void Deep_json_is_refused() => Assert.Contains("nested too deep", Evaluate.Reason("return require 'json'.decode(('['):rep(100))"), StringComparison.Ordinal);

    [Fact]
    public void Random_json_is_read_and_written_as_the_platform_does()
    {
        const int Seed = 4711;
        Random random = new(Seed);
        for (int i = 0; i < 300; i++)
        {
            JsonNode? node = Value(random, 0);
            string text = node?.ToJsonString() ?? "null";
            string? back = Evaluate.Body("local json = require 'json' return json.encode(json.decode(line))", text);
            Assert.True(JsonNode.DeepEquals(node, JsonNode.Parse(back!)), $"seed {Seed}, {i}: {text} became {back}");
            Assert.Equal(back, Evaluate.Body("local json = require 'json' return json.encode(json.decode(line))", back!));
        }
    }

    [Fact]
    public void Keys_are_written_in_order() => Assert.Equal(
        "{\"B\":[],\"a\":{\"x\":null},\"b\":1.0}", Evaluate.Body("local json = require 'json' return json.encode({b = 1.0, a = {x = json.null}, B = json.array()})"));

    private static JsonNode? Value(Random random, int depth) => random.Next(depth > 3 ? 5 : 7) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.NextInt64(long.MinValue, long.MaxValue)),
        3 => JsonValue.Create(Math.Round(random.NextDouble() * Math.Pow(10, random.Next(-20, 20)), 15)),
        4 => JsonValue.Create(Text(random)),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(1, 4)).Select(k => KeyValuePair.Create(Text(random) + k, Value(random, depth + 1)))),
    };

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => new[] { "a", "\"", "\\", "\n", "é", "\u0001", "😀", "/", "\u007f" }[random.Next(9)]));
}
