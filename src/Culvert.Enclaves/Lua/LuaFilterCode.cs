using Culvert.Lua;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>A Lua function event to boolean, as an operator.</summary>
public sealed class LuaFilterCode(string name, string source, Schema input, LuaLimits? limits = null) : Code, ILuaCode
{
    private readonly LuaScript _script = new(name, source, limits);
    private readonly LuaScriptText _text = new(LuaRole.Filter, name, source, limits ?? LuaLimits.Default);

    /// <inheritdoc/>
    public override Schema Input { get; } = input;

    /// <inheritdoc/>
    public override Schema Output => Input;

    /// <inheritdoc/>
    public override string Identity { get; } = LuaCodeIdentity.Of(
        LuaRole.Filter, LuaCodeIdentity.DigestOf(source), limits ?? LuaLimits.Default, input, input);

    LuaScriptText ILuaCode.Text => _text;

    /// <inheritdoc/>
    public override string Description => $"lua filter {_script.Name}";

    /// <summary>Makes the function ready. A script that does not load throws <see cref="StageFailedException"/>.</summary>
    public override ICodeInstance Create()
    {
        try
        {
            return new Instance(new LuaFilter(_script, Input));
        }
        catch (LuaFailedException failure)
        {
            throw new StageFailedException(failure.Message, failure);
        }
    }

    private sealed class Instance(LuaFilter filter) : ICodeInstance
    {
        private int[] _rows = [];

        public void Run(Batch batch, ulong seed, Action<Batch> emit)
        {
            if (_rows.Length < batch.Count)
            {
                _rows = new int[Math.Max(1024, batch.Count)];
            }

            int kept;
            try
            {
                kept = filter.Select(batch, _rows, seed);
            }
            catch (LuaFailedException failure)
            {
                throw new StageFailedException(failure.Message, failure);
            }

            if (kept == batch.Count)
            {
                emit(batch.Retain());
            }
            else if (kept > 0)
            {
                emit(batch.Gather(_rows.AsSpan(0, kept)));
            }
        }

        public void Dispose() => filter.Dispose();
    }
}
