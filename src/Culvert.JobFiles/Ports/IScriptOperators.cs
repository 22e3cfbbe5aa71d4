using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>Makes operators of scripts. The room that knows the language fills it.</summary>
public interface IScriptOperators
{
    /// <summary>A function event to event. <paramref name="output"/> null: what it returns is found out, or refused where that cannot be.</summary>
    Outcome<Code> Map(string name, string source, Schema input, Schema? output);

    /// <summary>A function event to boolean.</summary>
    Outcome<Code> Filter(string name, string source, Schema input);

    /// <summary>A function (accumulator, event) to accumulator.</summary>
    Outcome<FoldCode> Reduce(string name, string source, Schema input, Schema? output);

    /// <summary>What in a script probably does not do what was meant: state kept in globals, say.</summary>
    IReadOnlyList<string> Lint(string name, string source);
}
