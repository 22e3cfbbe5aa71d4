using System.Buffers;
using Culvert.Lua;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>A Lua function (accumulator, event) to accumulator, as an operator: one result per key, at the stream's end.</summary>
public sealed class LuaFoldCode(string name, string source, Schema input, Schema output, LuaLimits? limits = null) : FoldCode, ILuaCode
{
    private readonly LuaScript _script = new(name, source, limits);
    private readonly LuaScriptText _text = new(LuaRole.Reduce, name, source, limits ?? LuaLimits.Default);

    /// <inheritdoc/>
    public override Schema Input { get; } = input;

    /// <inheritdoc/>
    public override Schema Output { get; } = output;

    /// <inheritdoc/>
    public override string Identity { get; } = LuaCodeIdentity.Of(
        LuaRole.Reduce, LuaCodeIdentity.DigestOf(source), limits ?? LuaLimits.Default, input, output);

    LuaScriptText ILuaCode.Text => _text;

    /// <inheritdoc/>
    public override string Description => $"lua reduce {_script.Name}";

    /// <inheritdoc/>
    public override bool EmitsPerEvent => false;

    /// <summary>Makes the function ready. A script that does not load throws <see cref="StageFailedException"/>.</summary>
    public override IFoldInstance Create()
    {
        try
        {
            return new Instance(new LuaReduce(_script, Input, Output));
        }
        catch (LuaFailedException failure)
        {
            throw new StageFailedException(failure.Message, failure);
        }
    }

    private sealed class Instance(LuaReduce reduce) : IFoldInstance
    {
        private int _groups; // numbers from 0 up to this have an accumulator, or may have one

        public void Load(int group, ReadOnlySpan<byte> state)
        {
            Outcome<bool> loaded = reduce.Load(group, state);
            if (!loaded.Succeeded)
            {
                throw new StageFailedException($"the state of a Lua function cannot be read: {loaded.Failure.Message}");
            }

            _groups = Math.Max(_groups, group + 1);
        }

        public Batch? Fold(Batch batch, ReadOnlySpan<int> groups, ulong seed)
        {
            foreach (int group in groups)
            {
                _groups = Math.Max(_groups, group + 1);
            }

            try
            {
                reduce.Fold(batch, groups, seed);
            }
            catch (LuaFailedException failure)
            {
                throw new StageFailedException(failure.Message, failure);
            }

            return null;
        }

        public void Save(int group, IBufferWriter<byte> writer)
        {
            try
            {
                reduce.Save(group, writer);
            }
            catch (LuaFailedException failure)
            {
                throw new StageFailedException(failure.Message, failure);
            }
        }

        public Batch Finish(int groupCount)
        {
            int[] groups = new int[groupCount];
            for (int i = 0; i < groups.Length; i++)
            {
                groups[i] = i;
            }

            try
            {
                return reduce.Finish(groups);
            }
            catch (LuaFailedException failure)
            {
                throw new StageFailedException(failure.Message, failure);
            }
        }

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
