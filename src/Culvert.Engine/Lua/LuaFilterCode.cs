using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A Lua function event to boolean as an operator that keeps the events for which it is true.</summary>
public sealed class LuaFilterCode(string name, string source, Schema input) : Code
{
    /// <inheritdoc/>
    public override Schema Input => input;

    /// <inheritdoc/>
    public override Schema Output => input;

    /// <inheritdoc/>
    public override string Identity => LuaIdentity.Of("filter", source, input, input);

    /// <inheritdoc/>
    public override string Description => $"lua filter {name}";

    /// <inheritdoc/>
    public override ICodeInstance Create() => new Instance(new LuaFilter(new LuaScript(name, source), input));

    private sealed class Instance(LuaFilter filter) : ICodeInstance
    {
        private int[] _rows = [];

        public void Run(Batch batch, ulong seed, Action<Batch> emit)
        {
            if (_rows.Length < batch.Count)
            {
                _rows = new int[batch.Count];
            }

            int count = filter.Select(batch, _rows, seed);
            emit(count == batch.Count ? batch.Retain() : batch.Gather(_rows.AsSpan(0, count)));
        }

        public void Dispose() => filter.Dispose();
    }
}
