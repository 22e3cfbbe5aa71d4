using Culvert.Lua;

namespace Culvert.Enclaves;

/// <summary>A script as it travels: its text and what it may use. Two are equal when they do the same, whatever messages call them.</summary>
/// <param name="Role">What its function is for.</param>
/// <param name="Name">What messages call it: one line.</param>
/// <param name="Source">Its text.</param>
/// <param name="Limits">What it may use.</param>
public sealed record LuaScriptText(LuaRole Role, string Name, string Source, LuaLimits Limits)
{
    /// <inheritdoc/>
    public bool Equals(LuaScriptText? other) =>
        other is not null && Role == other.Role && Source == other.Source && Limits == other.Limits;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Role, Source, Limits);
}
