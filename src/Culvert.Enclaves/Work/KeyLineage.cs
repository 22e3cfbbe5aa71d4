using System.Collections.Immutable;

namespace Culvert.Enclaves;

/// <summary>From where state keys follow, and the key epoch of a run: a manifest's, or of a plan that no manifest is about.</summary>
/// <param name="Id">A manifest's lineage (16 bytes), or a plan's digest (32).</param>
/// <param name="Epoch">The epoch of edge keys and of state that is written; state of earlier ones can be read.</param>
public sealed record KeyLineage(ImmutableArray<byte> Id, KeyEpoch Epoch)
{
    /// <summary>That of a plan without a manifest.</summary>
    public static KeyLineage Of(PlanDigest plan) => new([.. plan.ToBytes()], new KeyEpoch(0));
}
