using Culvert.Streams;

namespace Culvert.Lua;

/// <summary>Finds the fields that a function can read, so that others need not be handed to Lua.</summary>
internal static class LuaFieldScan
{
    /// <summary>The indexes of the fields that the function of the given role may read; all of them when that is not plain.</summary>
    internal static int[] FieldsRead(LuaScript script, string role, Schema input) =>
        [.. Enumerable.Range(0, input.Count)];
}
