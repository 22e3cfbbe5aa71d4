namespace Culvert.Enclaves;

/// <summary>What a script's function is for. The numbers are part of <c>docs/specs/lua-scripts.md</c> and never change.</summary>
public enum LuaRole : byte
{
    /// <summary>Event to event.</summary>
    Map = 1,

    /// <summary>Event to boolean.</summary>
    Filter = 2,

    /// <summary>Accumulator and event to accumulator.</summary>
    Reduce = 3,
}
