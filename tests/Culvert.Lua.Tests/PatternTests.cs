using System.Text;

namespace Culvert.Lua.Tests;

/// <summary>The matcher that takes over from C gives the same answers.</summary>
public sealed class PatternTests
{
    private static readonly string[] Atoms =
        ["a", "b", ".", "%a", "%d", "[ab]", "[^a]", "[a-c]", "%s", "%.", "()", "(a)", "(.-)", "([ab]*)", "%1", "%bab", "%f[a]", "%f[^a]", "$", "^", "-", "[]]", "[%]a]", "c"];

    [Fact]
    public void Random_patterns_match_alike_in_both()
    {
        ulong seed = 20240613;
        Random random = new((int)seed);
        StringBuilder body = new("local function show(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end return table.concat(t, '|') end\nlocal out = {}\n");
        for (int i = 0; i < 400; i++)
        {
            StringBuilder pattern = new(random.Next(5) == 0 ? "^" : "");
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                pattern.Append(Atoms[random.Next(Atoms.Length)]).Append(random.Next(3) == 0 ? "*+-?"[random.Next(4)] : "");
            }

            string subject = new([.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => "abc1. -]"[random.Next(8)])]);
            string arguments = $"'{subject}', [==[{pattern}]==]";
            body.Append($"out[#out + 1] = show(pcall(string.find, {arguments}, {random.Next(-4, 5)}))\n");
            body.Append($"out[#out + 1] = show(pcall(string.match, {arguments}))\n");
            body.Append($"out[#out + 1] = show(pcall(string.gsub, {arguments}, '<%0>'))\n");
            body.Append($"out[#out + 1] = show(pcall(function() local t = {{}} for a, b in string.gmatch({arguments}) do t[#t + 1] = show(a, b) end return table.concat(t, ';') end))\n");
        }

        body.Append("return table.concat(out, '\\n')");
        string[] inC = Answers(body.ToString(), LuaLimits.Default);
        string[] inLua = Answers(body.ToString(), LuaLimits.Default with { PatternStepsMax = 0 });
        Assert.True(inC.Count(a => a.StartsWith("true", StringComparison.Ordinal)) > 800, "most of the patterns have to be valid for this to say anything");
        Assert.True(inC.SequenceEqual(inLua), $"seed {seed}: " + string.Join(" / ", inC.Zip(inLua).Where(p => p.First != p.Second).Take(3)));
    }

    [Theory]
    [InlineData("('hello world'):gsub('o', '0')", "hell0 w0rld")]
    [InlineData("('hello'):gsub('(l)(l)', '%2-%1')", "hel-lo")]
    [InlineData("('$name is'):gsub('%$(%w+)', {name = 'Bo'})", "Bo is")]
    [InlineData("('abc'):gsub('%w', function(c) return c:upper() .. '.' end)", "A.B.C.")]
    [InlineData("('abc'):gsub('', '-')", "-a-b-c-")]
    [InlineData("('abc'):gsub('b*', '-', 2)", "-a-c")]
    [InlineData("('key = value'):match('^(%w+)%s*=%s*(%w+)$')", "key")]
    [InlineData("('a.b'):find('.', 2, true)", "2")]
    public void Works_as_the_manual_says(string expression, string expected)
    {
        Assert.Equal(expected, Evaluate.Body($"return tostring(({expression}))"));
        Assert.Equal(expected, Evaluate.Body($"return tostring(({expression}))", "", LuaLimits.Default with { PatternStepsMax = 0 }));
    }

    [Theory]
    [InlineData("[a", "malformed pattern (missing ']')")]
    [InlineData("%", "malformed pattern (ends with '%')")]
    [InlineData("%f", "missing '[' after '%f' in pattern")]
    public void Broken_patterns_are_errors(string pattern, string reason) =>
        Assert.Equal(reason, Evaluate.Reason($"return ('abc'):match('{pattern}')"));

    // Errors of the two come from different places; that there is one is what counts.
    private static string[] Answers(string body, LuaLimits limits) =>
        [.. Evaluate.Body(body, "", limits)!.Split('\n').Select(a => a.StartsWith("false", StringComparison.Ordinal) ? "error" : a)];
}
