using System.Collections.Immutable;

namespace Culvert.JobFiles;

/// <summary>A row of a test as it is written: columns and their values as text; null where there is none.</summary>
public sealed record TestRow(ImmutableArray<KeyValuePair<string, string?>> Values)
{
    /// <inheritdoc/>
    public override string ToString() => "{" + string.Join(", ", Values.Select(v => $"{v.Key}: {v.Value ?? "null"}")) + "}";
}
