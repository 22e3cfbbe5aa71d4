using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>Plans of job files: the canonical form, and the Lua scripts that it names.</summary>
public sealed class CanonicalPlanBuilder : IPlanBuilder
{
    /// <inheritdoc/>
    public Outcome<Plan> Build(ReadOnlySpan<byte> canonical, ReadOnlySpan<byte> code)
    {
        if (code.IsEmpty)
        {
            return Plan.Read(canonical, PlanParts.Opaque);
        }

        Outcome<LuaScripts> scripts = LuaScripts.Read(code);
        return scripts.Failure is { } failure ? failure : Plan.Read(canonical, scripts.Value);
    }
}
