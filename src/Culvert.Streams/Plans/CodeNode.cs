namespace Culvert.Streams;

/// <summary>User code over the events of an input, without state: a delegate or a Lua function.</summary>
public sealed class CodeNode(Node input, Code code) : Node(code.Output, input)
{
    /// <summary>The code.</summary>
    public Code Code { get; } = code;
}
