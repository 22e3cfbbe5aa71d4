using Culvert.Enclaves;
using Culvert.JobFiles;
using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Cli.Jobs;

/// <summary>Lua functions of a job file as operators; a script that does not load is refused here, and not when it runs.</summary>
internal sealed class LuaScriptOperators : IScriptOperators
{
    public Outcome<Code> Map(string name, string source, Schema input, Schema? output)
    {
        if (output is null)
        {
            return Undeclared(name, "map");
        }

        LuaMapCode code = new(name, source, input, output);
        return Loads(() => code.Create()) is { } failure ? failure : code;
    }

    public Outcome<Code> Filter(string name, string source, Schema input)
    {
        LuaFilterCode code = new(name, source, input);
        return Loads(() => code.Create()) is { } failure ? failure : code;
    }

    public Outcome<FoldCode> Reduce(string name, string source, Schema input, Schema? output)
    {
        if (output is null)
        {
            return Undeclared(name, "reduce");
        }

        LuaFoldCode code = new(name, source, input, output);
        return Loads(() => code.Create()) is { } failure ? failure : code;
    }

    public IReadOnlyList<string> Lint(string name, string source) => [];

    private static Failure Undeclared(string name, string role) => new(
        FailureKind.Missing, $"say what {name} returns: beside '{role}', 'returns: {{column: type, …}}'");

    private static Failure? Loads(Func<IDisposable> create)
    {
        try
        {
            using IDisposable loaded = create();
            return null;
        }
        catch (Exception failure) when (failure is Stages.StageFailedException or LuaFailedException or ArgumentException)
        {
            return new Failure(FailureKind.Malformed, failure.Message);
        }
    }
}
