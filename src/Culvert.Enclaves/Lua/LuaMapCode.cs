using Culvert.Lua;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>A Lua function event to event, as an operator. An event for which it returns nil is dropped.</summary>
public sealed class LuaMapCode(string name, string source, Schema input, Schema output, LuaLimits? limits = null) : Code, ILuaCode
{
    private readonly LuaScript _script = new(name, source, limits);
    private readonly LuaScriptText _text = new(LuaRole.Map, name, source, limits ?? LuaLimits.Default);

    /// <inheritdoc/>
    public override Schema Input { get; } = input;

    /// <inheritdoc/>
    public override Schema Output { get; } = output;

    /// <inheritdoc/>
    public override string Identity { get; } = LuaCodeIdentity.Of(
        LuaRole.Map, LuaCodeIdentity.DigestOf(source), limits ?? LuaLimits.Default, input, output);

    LuaScriptText ILuaCode.Text => _text;

    /// <inheritdoc/>
    public override string Description => $"lua map {_script.Name}";

    /// <summary>Makes the function ready. A script that does not load throws <see cref="StageFailedException"/>.</summary>
    public override ICodeInstance Create()
    {
        try
        {
            return new Instance(new LuaMap(_script, Input, Output));
        }
        catch (LuaFailedException failure)
        {
            throw new StageFailedException(failure.Message, failure);
        }
    }

    private sealed class Instance(LuaMap map) : ICodeInstance
    {
        public void Run(Batch batch, ulong seed, Action<Batch> emit)
        {
            Batch mapped;
            try
            {
                mapped = map.Apply(batch, seed);
            }
            catch (LuaFailedException failure)
            {
                throw new StageFailedException(failure.Message, failure);
            }

            emit(mapped);
        }

        public void Dispose() => map.Dispose();
    }
}
