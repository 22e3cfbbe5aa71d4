using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>What an author may say of any node: see the properties of <see cref="Node"/> of the same names.</summary>
public sealed record NodeMarks(string? Name, Protection? Protection, ImmutableArray<string> Constraints, bool Apart)
{
    /// <summary>The marks of a node.</summary>
    public static NodeMarks Of(Node node) => new(node.Name, node.Protection, node.Constraints, node.Apart);
}
