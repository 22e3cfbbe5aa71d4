using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// User code with one state per key, folded over the key's events in order: a Lua <c>reduce</c>, a <c>Scan</c>, or an
/// aggregate whose states cannot be merged. Without keys there is one state for the whole stream.
/// </summary>
public sealed class FoldNode(Node input, ImmutableArray<NamedExpr> keys, FoldCode code)
    : Node(new Schema([.. keys.Select(k => k.Field), .. code.Output.Fields]), input)
{
    /// <summary>The keys, over the input's columns.</summary>
    public ImmutableArray<NamedExpr> Keys { get; } = keys;

    /// <summary>The code.</summary>
    public FoldCode Code { get; } = code;
}
