using System.Buffers;
using Culvert.Streams;

namespace Culvert.Lua.Tests;

public sealed class ReduceTests
{
    private const string Script = """
        function initial() return { n = 0, sum = 0.5, seen = {} } end
        function reduce(a, e)
          a.n = a.n + 1
          a.sum = a.sum + e.v
          a.seen[e.v % 7] = true
          a.last = math.random(1, 1000000)
          return a
        end
        function finish(a)
          local seen = {}
          for k in pairs(a.seen) do seen[#seen + 1] = k end
          return { n = a.n, sum = a.sum, seen = table.concat(seen, ','), last = a.last }
        end
        """;

    private static readonly Schema In = Events.Of("v: int64");
    private static readonly Schema Out = Events.Of("n: int64", "sum: float64", "seen: text", "last: int64");

    [Fact]
    public void A_fold_that_was_saved_and_loaded_ends_like_one_that_was_not()
    {
        using LuaReduce straight = New();
        LuaReduce moved = New();
        for (ulong batch = 0; batch < 10; batch++)
        {
            using Batch input = Events.Batch(In, [.. Enumerable.Range(0, 50).Select(i => new object?[] { (long)((i * 31) + (int)batch) })]);
            int[] groups = [.. Enumerable.Range(0, 50).Select(i => i % 3)];
            straight.Fold(input, groups, batch);
            moved.Fold(input, groups, batch);
            LuaReduce next = New();
            for (int group = 0; group < 3; group++)
            {
                Assert.True(next.Load(group, Saved(moved, group)).Succeeded);
                Assert.Equal(Saved(straight, group), Saved(next, group));
            }

            moved.Dispose();
            moved = next;
        }

        using Batch expected = straight.Finish([2, 0, 1]);
        using Batch actual = moved.Finish([2, 0, 1]);
        Assert.Equal(Events.Rows(expected), Events.Rows(actual));
        Assert.StartsWith("160 ", Events.Rows(actual)[0], StringComparison.Ordinal);
        moved.Dispose();
    }

    [Fact]
    public void Every_cut_or_altered_byte_of_an_accumulator_is_refused_or_is_a_value_of_its_own()
    {
        using LuaReduce reduce = New();
        using Batch input = Events.Batch(In, [1L], [2L]);
        reduce.Fold(input, [0, 0]);
        byte[] saved = Saved(reduce, 0);
        for (int length = 0; length < saved.Length; length++)
        {
            Assert.Equal(FailureKind.Malformed, reduce.Load(1, saved.AsSpan(0, length)).Failure?.Kind);
        }

        int accepted = 0;
        for (int i = 0; i < saved.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] altered = [.. saved];
                altered[i] ^= (byte)(1 << bit);
                if (reduce.Load(1, altered).Succeeded)
                {
                    accepted++;
                    Assert.Equal(altered, Saved(reduce, 1));
                }
            }
        }

        Assert.True(accepted > 0, "a changed number is a value too");
        Assert.Equal(saved, Saved(reduce, 0));
    }

    [Theory]
    [InlineData("06FFFFFFFF")]
    [InlineData("05FFFFFFFF")]
    [InlineData("0600000001000302")]
    [InlineData("06000000020102" + "0102")]
    [InlineData("0600000002" + "0202" + "0102")]
    [InlineData("0600000001" + "0200")]
    [InlineData("0600000001" + "04BFF0000000000000" + "02")]
    [InlineData("04FFFFFFFFFFFFFFFF")]
    [InlineData("07")]
    [InlineData("0202")]
    [InlineData("")]
    public void Hostile_accumulators_are_refused(string hex)
    {
        using LuaReduce reduce = New();
        Assert.Equal(FailureKind.Malformed, reduce.Load(0, Convert.FromHexString(hex)).Failure?.Kind);
        Assert.Equal("00", Convert.ToHexString(Saved(reduce, 0)));
    }

    [Fact]
    public void Deep_accumulators_are_refused_on_both_ways()
    {
        byte[] deep = [.. Enumerable.Repeat(Convert.FromHexString("060000000102"), 1000).SelectMany(b => b), 2];
        using LuaReduce reduce = New();
        Assert.Contains("nested too deep", reduce.Load(0, deep).Failure!.Message, StringComparison.Ordinal);
        using LuaReduce self = new(Events.Script("function reduce(a, e) a = {} a.a = a return a end"), In, Out);
        Assert.Equal("test.lua: the accumulator cannot be saved: it is nested deeper than 32 tables, or holds itself", SaveFailure(self));
    }

    [Theory]
    [InlineData("{ f = print or next }", "it holds a function")]
    [InlineData("setmetatable({}, {})", "it holds a table with a metatable (of a class, or from json.decode)")]
    [InlineData("{ s = ('x'):rep(2000000) }", "it takes more than 1048576 bytes")]
    [InlineData("{ [{}] = 1 }", "a key is neither text nor a number nor a boolean")]
    public void What_cannot_be_kept_is_said(string value, string reason)
    {
        using LuaReduce reduce = new(Events.Script($"function reduce(a, e) return {value} end"), In, Out);
        Assert.Equal("test.lua: the accumulator cannot be saved: " + reason, SaveFailure(reduce));
    }

    [Fact]
    public void Groups_do_not_share_their_initial_table()
    {
        using LuaReduce reduce = new(Events.Script("initial = { n = 0 } function reduce(a, e) a.n = a.n + e.v return a end"), In, Events.Of("n: int64"));
        using Batch input = Events.Batch(In, [1L], [10L], [1L]);
        reduce.Fold(input, [0, 1, 0]);
        reduce.Forget(1);
        reduce.Fold(input, [2, 1, 0]);
        using Batch result = reduce.Finish([0, 1, 2]);
        Assert.Equal(["3", "10", "1"], Events.Rows(result));
    }

    private static LuaReduce New() => new(Events.Script(Script), In, Out);

    private static byte[] Saved(LuaReduce reduce, int group)
    {
        ArrayBufferWriter<byte> writer = new();
        reduce.Save(group, writer);
        return writer.WrittenSpan.ToArray();
    }

    private static string SaveFailure(LuaReduce reduce)
    {
        using Batch input = Events.Batch(In, [1L]);
        reduce.Fold(input, [0]);
        return Assert.Throws<LuaFailedException>(() => Saved(reduce, 0)).Message;
    }
}
