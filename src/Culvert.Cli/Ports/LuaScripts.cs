using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>Lua for job files.</summary>
internal sealed class LuaScripts : IScriptOperators
{
    public Outcome<Code> Map(string name, string source, Schema input, Schema? output)
    {
        Outcome<bool> good = new LuaScript(name, source).Check();
        return !good.Succeeded ? good.Failure
            : output is null ? new Failure(FailureKind.Missing, $"{name}: say what the function returns: 'returns: {{ name: type, … }}'")
            : new LuaMapCode(name, source, input, output);
    }

    public Outcome<Code> Filter(string name, string source, Schema input)
    {
        Outcome<bool> good = new LuaScript(name, source).Check();
        return good.Succeeded ? new LuaFilterCode(name, source, input) : good.Failure;
    }

    public Outcome<FoldCode> Reduce(string name, string source, Schema input, Schema? output)
    {
        Outcome<bool> good = new LuaScript(name, source).Check();
        return !good.Succeeded ? good.Failure
            : output is null ? new Failure(FailureKind.Missing, $"{name}: say what the accumulator holds: 'returns: {{ name: type, … }}'")
            : new LuaFoldCode(name, source, input, output);
    }

    public IReadOnlyList<string> Lint(string name, string source) => [];
}
