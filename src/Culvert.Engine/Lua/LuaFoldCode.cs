using System.Buffers;
using Culvert.Lua;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A Lua function (accumulator, event) to accumulator as a keyed fold.</summary>
public sealed class LuaFoldCode(string name, string source, Schema input, Schema output) : FoldCode
{
    /// <inheritdoc/>
    public override Schema Input => input;

    /// <inheritdoc/>
    public override Schema Output => output;

    /// <inheritdoc/>
    public override string Identity => LuaIdentity.Of("reduce", source, input, output);

    /// <inheritdoc/>
    public override string Description => $"lua reduce {name}";

    /// <inheritdoc/>
    public override bool EmitsPerEvent => false;

    /// <inheritdoc/>
    public override IFoldInstance Create() => new Instance(new LuaReduce(new LuaScript(name, source), input, output));

    private sealed class Instance(LuaReduce reduce) : IFoldInstance
    {
        private int _groups;

        public void Load(int group, ReadOnlySpan<byte> state)
        {
            Outcome<bool> loaded = reduce.Load(group, state);
            if (!loaded.Succeeded)
            {
                throw new StageFailedException($"the snapshot's accumulator cannot be read: {loaded.Failure.Message}");
            }

            _groups = Math.Max(_groups, group + 1);
        }

        public Batch? Fold(Batch batch, ReadOnlySpan<int> groups, ulong seed)
        {
            reduce.Fold(batch, groups, seed);
            foreach (int group in groups)
            {
                _groups = Math.Max(_groups, group + 1);
            }

            return null;
        }

        public void Save(int group, IBufferWriter<byte> writer) => reduce.Save(group, writer);

        public Batch Finish(int groupCount) => reduce.Finish([.. Enumerable.Range(0, groupCount)]);

        public void Clear()
        {
            for (int group = 0; group < _groups; group++)
            {
                reduce.Forget(group);
            }

            _groups = 0;
        }

        public void Dispose() => reduce.Dispose();
    }
}
