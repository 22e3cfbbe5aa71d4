using System.Runtime.InteropServices;
using Culvert.Lua.Native;
using Culvert.Streams;
using static Culvert.Lua.Native.LuaNative;

namespace Culvert.Lua;

/// <summary>
/// A Lua function from an event to a boolean: true keeps the event, false or nil drops it. The script returns the function
/// or defines a global <c>filter</c>.
/// </summary>
public sealed class LuaFilter : LuaOperator
{
    private const string Role = "filter";

    /// <summary>Loads the script for events of <paramref name="input"/>. Throws <see cref="LuaFailedException"/> when it does not compile or load.</summary>
    public LuaFilter(LuaScript script, Schema input)
        : base(script, Role, input, allFields: false, null, fields => LuaDriver.Filter(input, fields))
    {
    }

    /// <summary>
    /// Writes the rows that the function keeps to <paramref name="rows"/>, ascending, and returns how many there are. The
    /// span holds at least as many as the batch. The seed and the exceptions are those of <see cref="LuaMap.Apply"/>.
    /// </summary>
    public unsafe int Select(Batch batch, Span<int> rows, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, batch.Count, nameof(rows));
        int count = 0;
        fixed (int* first = &MemoryMarshal.GetReference(rows))
        {
            int* target = first;
            Run(batch, seed, null, (start, kept) =>
            {
                nint lua = State.Handle;
                for (int slot = 1; slot <= kept; slot++)
                {
                    _ = RawGetSlot(lua, RowsIndex, slot);
                    target[count++] = start + (int)ToInteger(lua, -1, null) - 1;
                    Pop(lua, 1);
                }
            });
        }

        return count;
    }
}
