using System.Buffers;
using Culvert.Lua.Native;
using Culvert.Streams;
using static Culvert.Lua.Native.LuaNative;

namespace Culvert.Lua;

/// <summary>
/// A Lua function from an accumulator and an event to an accumulator, folded over the events of each group. The script
/// returns the function or defines a global <c>reduce</c>; its globals <c>initial</c> (a value, or a function that makes
/// one; nil when there is none) and <c>finish</c> (a function from an accumulator to a result) are optional.
/// Groups are numbered by the host, from 0 and densely.
/// </summary>
public sealed class LuaReduce : LuaOperator
{
    private const string Role = "reduce";

    /// <summary>Group numbers fit a Lua array.</summary>
    private const int GroupsMax = 1 << 26;

    /// <summary>
    /// Loads the script for events of <paramref name="input"/>; results are checked against <paramref name="output"/>.
    /// Throws <see cref="LuaFailedException"/> when the script does not compile or load.
    /// </summary>
    public LuaReduce(LuaScript script, Schema input, Schema output)
        : base(script, Role, input, allFields: false, output, fields => LuaDriver.Reduce(input, fields, output)) => Output = output;

    /// <summary>What results look like.</summary>
    public Schema Output { get; }

    /// <summary>
    /// Folds each event into the accumulator of its group, in the order of the rows; <paramref name="groups"/> has a number
    /// for each. The seed and the exceptions are those of <see cref="LuaMap.Apply"/>.
    /// </summary>
    public unsafe void Fold(Batch batch, ReadOnlySpan<int> groups, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(groups.Length, batch.Count, nameof(groups));
        fixed (int* first = groups)
        {
            int* numbers = first;
            Run(batch, seed, (start, rows) => WriteGroups(new ReadOnlySpan<int>(numbers + start, rows)), null);
        }
    }

    /// <summary>
    /// Puts back an accumulator that <see cref="Save"/> wrote, in place of what the group has. The bytes may come from
    /// anywhere: what is not exactly a value as it is written is refused, and nothing is changed.
    /// </summary>
    public Outcome<bool> Load(int group, ReadOnlySpan<byte> accumulator)
    {
        CheckGroup(group);
        nint lua = State.Handle;
        if (accumulator.Length > Script.Limits.AccumulatorBytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"an accumulator of {accumulator.Length} bytes; the limit is {Script.Limits.AccumulatorBytesMax}");
        }

        if (LuaValueCodec.Check(accumulator) is { } failure)
        {
            return failure;
        }

        LuaValueCodec.Push(lua, accumulator);
        RawSetGrow(lua, AccumulatorsIndex, group + 1);
        return true;
    }

    /// <summary>
    /// Writes a group's accumulator in its canonical form: equal values, equal bytes. A group without one is written as nil.
    /// Throws <see cref="LuaFailedException"/> when it holds what cannot be kept (a function, a table with a metatable,
    /// itself), is nested too deep or is too large.
    /// </summary>
    public void Save(int group, IBufferWriter<byte> writer)
    {
        CheckGroup(group);
        nint lua = State.Handle;
        int top = GetTop(lua);
        _ = RawGetSlot(lua, AccumulatorsIndex, group + 1);
        string? problem = LuaValueCodec.Write(lua, writer, Script.Limits.AccumulatorBytesMax);
        SetTop(lua, top);
        if (problem is not null)
        {
            throw new LuaFailedException(Script.Name, null, $"the accumulator cannot be saved: {problem}");
        }
    }

    /// <summary>Drops a group's accumulator; its number can be used again.</summary>
    public void Forget(int group)
    {
        CheckGroup(group);
        nint lua = State.Handle;
        PushNil(lua);
        RawSetGrow(lua, AccumulatorsIndex, group + 1);
        CollectIfDue();
    }

    /// <summary>
    /// The results of groups, a row for each in the order given. Accumulators stay as they are, as long as the script's
    /// <c>finish</c> leaves them alone. A group without an accumulator is an error, as is a <c>finish</c> that returns nil:
    /// <see cref="LuaFailedException"/>.
    /// </summary>
    public Batch Finish(ReadOnlySpan<int> groups, ulong seed = 0)
    {
        Begin(seed);
        int done = 0;
        try
        {
            while (done < groups.Length)
            {
                ReadOnlySpan<int> slice = groups.Slice(done, Math.Min(SliceRows, groups.Length - done));
                WriteGroups(slice);
                _ = Loop(ConcludeIndex, slice.Length, done, 0, null);
                ReadOutputs(slice.Length, (_, reason) => new LuaFailedException(Script.Name, null, $"the result is one in which {reason}"));
                done += slice.Length;
                CollectIfDue();
            }
        }
        catch
        {
            Release();
            throw;
        }

        return new Batch(Output, [.. Outputs.Select(o => o.Take())], done);
    }

    private static void CheckGroup(int group)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(group, GroupsMax);
    }

    private void WriteGroups(ReadOnlySpan<int> groups)
    {
        nint lua = State.Handle;
        for (int i = 0; i < groups.Length; i++)
        {
            CheckGroup(groups[i]);
            PushInteger(lua, groups[i] + 1);
            RawSetSlot(lua, RowsIndex, i + 1);
        }
    }
}
