using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A Lua function event to event as an operator; <c>nil</c> drops the event.</summary>
public sealed class LuaMapCode(string name, string source, Schema input, Schema output) : Code
{
    /// <inheritdoc/>
    public override Schema Input => input;

    /// <inheritdoc/>
    public override Schema Output => output;

    /// <inheritdoc/>
    public override string Identity => LuaIdentity.Of("map", source, input, output);

    /// <inheritdoc/>
    public override string Description => $"lua map {name}";

    /// <inheritdoc/>
    public override ICodeInstance Create() => new Instance(new LuaMap(new LuaScript(name, source), input, output));

    private sealed class Instance(LuaMap map) : ICodeInstance
    {
        public void Run(Batch batch, ulong seed, Action<Batch> emit) => emit(map.Apply(batch, seed));

        public void Dispose() => map.Dispose();
    }
}
