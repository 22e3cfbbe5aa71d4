using System.Text;
using Culvert.Streams;

namespace Culvert.Lua.Tests;

/// <summary>Runs Lua text as a map over one line and returns what it makes of it.</summary>
internal static class Evaluate
{
    private static readonly Schema Out = Events.Of("out: text?");

    /// <summary>The body's result as text; the line is <c>line</c>.</summary>
    internal static string? Body(string body, string line = "", LuaLimits? limits = null) =>
        Bytes(body, Encoding.UTF8.GetBytes(line), limits) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    internal static byte[]? Bytes(string body, byte[] line, LuaLimits? limits = null)
    {
        using LuaMap map = new(Events.Script("function map(line) local function body() " + body + "\n end return { out = body() } end", limits), Events.Lines, Out);
        using Batch input = Events.Batch(Events.Lines, [line]);
        using Batch output = map.Apply(input);
        Assert.Equal(1, output.Count);
        return output[0].IsNull(0) ? null : output.Text(0).GetBytes(0).ToArray();
    }

    /// <summary>An expression's result by way of tostring.</summary>
    internal static string? Expression(string expression, string line = "") => Body("return tostring(" + expression + ")", line);

    /// <summary>The failure of a body.</summary>
    internal static RowFailedException Failure(string body, LuaLimits? limits = null, string line = "x") =>
        Assert.Throws<RowFailedException>(() => Body(body, line, limits));

    /// <summary>The failure's own words.</summary>
    internal static string Reason(string body, LuaLimits? limits = null) =>
        Assert.IsType<LuaFailedException>(Failure(body, limits).InnerException).Reason;
}
