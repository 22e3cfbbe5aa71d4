using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Enclaves.Tests.Lua;

/// <summary>Scripts travel beside a plan that holds their digests, and stand for nothing else.</summary>
public sealed class LuaScriptsTests
{
    private static readonly Plan s_plan = LuaJob.Compile();

    [Fact]
    public void A_plans_scripts_are_found_once_each_in_the_order_of_the_plan() =>
        Assert.Equal(
            [(LuaRole.Filter, "filter.lua", LuaJob.Filter), (LuaRole.Map, "map.lua", LuaJob.Map), (LuaRole.Reduce, "reduce.lua", LuaJob.Reduce)],
            LuaScripts.Of(s_plan).Texts.Select(t => (t.Role, t.Name, t.Source)));

    [Fact]
    public void A_plan_without_Lua_has_no_scripts()
    {
        Plan plan = Plan.Compile(new Job("none", new SinkNode(new SourceNode(new OpaqueSourceSpec("words", 1), LuaJob.Words), new OpaqueSinkSpec("rows"))));
        Assert.Empty(LuaScripts.Of(plan).Texts);
        Assert.Empty(LuaScripts.Read(LuaScripts.Of(plan).WriteCanonical().Value).Value.Texts);
    }

    [Fact]
    public void Scripts_that_are_read_are_those_that_were_written()
    {
        LuaScripts written = LuaScripts.Of(LuaJob.Compile(limits: new LuaLimits { InstructionsPerEventMax = 5_000, AccumulatorBytesMax = 77, PatternStepsMax = 0 }));
        byte[] bytes = written.WriteCanonical().Value;
        LuaScripts read = LuaScripts.Read(bytes).Value;
        Assert.Equal(written.Texts.AsEnumerable(), read.Texts);
        Assert.Equal(written.Texts.Select(t => t.Name), read.Texts.Select(t => t.Name));
        Assert.Equal(bytes, read.WriteCanonical().Value);
    }

    [Fact]
    public void A_plan_is_read_with_its_scripts_alone()
    {
        LuaScripts scripts = LuaScripts.Read(LuaScripts.Of(s_plan).WriteCanonical().Value).Value;
        Outcome<Plan> read = Plan.Read(s_plan.WriteCanonical(), scripts);
        Assert.True(read.Succeeded, read.Failure?.Message);
        Assert.Equal(s_plan.Digest, read.Value.Digest);
        Assert.Equal(["LuaFilterCode", "LuaMapCode"], read.Value.Stages.SelectMany(s => s.Operators).Select(o => o.Node).OfType<CodeNode>().Select(n => n.Code.GetType().Name));
        Assert.Equal("lua map map.lua", read.Value.Stages[0].Operators[2].Node is CodeNode map ? map.Code.Description : "");
    }

    [Theory]
    [InlineData("function map(event) return { word = event.word, n = event.n * 3 } end")]
    [InlineData(LuaJob.Map + " ")]
    [InlineData("")]
    public void Another_text_in_a_scripts_place_is_refused(string other)
    {
        Failure? refused = Plan.Read(s_plan.WriteCanonical(), LuaScripts.Of(LuaJob.Compile(other))).Failure;
        Assert.Equal(FailureKind.Missing, refused?.Kind);
        Assert.Contains("the code 'lua map ", refused!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_limits_are_refused()
    {
        LuaScripts wider = LuaScripts.Of(LuaJob.Compile(limits: new LuaLimits { MemoryBytesMax = 1L << 30 }));
        Assert.Equal(FailureKind.Missing, Plan.Read(s_plan.WriteCanonical(), wider).Failure?.Kind);
    }

    [Fact]
    public void What_messages_call_a_script_decides_nothing() =>
        Assert.True(Plan.Read(s_plan.WriteCanonical(), LuaScripts.Of(LuaJob.Compile(name: "other.lua"))).Succeeded);

    [Fact]
    public void What_is_no_script_is_asked_of_the_other_parts()
    {
        OpaqueSinkSpec opened = new("rows");
        LuaScripts parts = LuaScripts.Of(s_plan).With(new Opening(opened));
        Plan read = Plan.Read(s_plan.WriteCanonical(), parts).Value;
        Assert.Same(opened, Assert.IsType<SinkNode>(read.Stages[^1].Operators[^1].Node).Sink);
    }

    [Fact]
    public void Scripts_that_end_too_early_or_too_late_are_refused()
    {
        byte[] bytes = LuaScripts.Of(s_plan).WriteCanonical().Value;
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(LuaScripts.Read(bytes.AsSpan(0, length)).Succeeded, $"{length} of {bytes.Length} bytes");
        }

        Assert.False(LuaScripts.Read([.. bytes, 0]).Succeeded);
    }

    [Fact]
    public void A_flipped_bit_is_refused_here_or_by_the_plan_or_is_in_a_name()
    {
        byte[] bytes = LuaScripts.Of(s_plan).WriteCanonical().Value;
        byte[] plan = s_plan.WriteCanonical();
        int named = 0;
        for (int i = 0; i < bytes.Length * 8; i++)
        {
            byte[] flipped = [.. bytes];
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            if (LuaScripts.Read(flipped) is { Succeeded: true } read && Plan.Read(plan, read.Value).Succeeded)
            {
                Assert.NotEqual(LuaScripts.Of(s_plan).Texts.Select(t => t.Name), read.Value.Texts.Select(t => t.Name));
                named++;
            }
        }

        Assert.InRange(named, 1, 8 * "filter.luamap.luareduce.lua".Length);
    }

    [Fact]
    public void More_than_a_limit_is_refused_on_both_sides()
    {
        Assert.Equal(FailureKind.TooLarge, LuaScripts.Read(new byte[LuaScripts.BytesMax + 1]).Failure?.Kind);
        string longest = "--" + new string('x', LuaScript.SourceBytesMax - 2);
        SourceNode source = new(new OpaqueSourceSpec("words", 1), LuaJob.Words);
        Node last = source;
        for (int i = 0; i < 17; i++)
        {
            last = new CodeNode(last, new LuaFilterCode("long.lua", $"--{i:00}" + longest[4..], LuaJob.Words));
        }

        LuaScripts scripts = LuaScripts.Of(Plan.Compile(new Job("long", new SinkNode(last, new OpaqueSinkSpec("rows")))));
        Assert.Equal(17, scripts.Texts.Length);
        Assert.Equal(FailureKind.TooLarge, scripts.WriteCanonical().Failure?.Kind);
    }

    private sealed class Opening(SinkSpec sink) : IPlanParts
    {
        public Code? Code(string identity, Schema input, Schema output) => null;

        public FoldCode? Fold(string identity, Schema input, Schema output) => null;

        public SourceSpec? Source(int index, string canonical, Schema schema, int partitionCount) => new OpaqueSourceSpec(canonical, partitionCount);

        public SinkSpec? Sink(int index, string canonical, Schema schema) => sink;
    }
}
