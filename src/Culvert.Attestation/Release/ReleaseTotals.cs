using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// What records add up to: a lineage's current version, and how many enclaves were given the keys of each stage under it.
/// Earlier versions' counts are dropped when a version is taken, since nothing is released under those any more. Not thread safe.
/// </summary>
public sealed class ReleaseTotals
{
    private readonly SortedDictionary<UInt128, LineageTotals> _lineages = [];

    /// <summary>The lineages, in order of their numbers.</summary>
    public IEnumerable<KeyValuePair<UInt128, LineageTotals>> Lineages => _lineages;

    /// <summary>What is known of a lineage; null when nothing is.</summary>
    public LineageTotals? Of(UInt128 lineage) => _lineages.GetValueOrDefault(lineage);

    /// <summary>How many enclaves were given a stage's keys under a version.</summary>
    public int Activations(UInt128 lineage, int version, StageId stage) =>
        Of(lineage) is { } totals && totals.Version == version ? totals.Activations.GetValueOrDefault(stage) : 0;

    /// <summary>Adds a record. A release under a version that is not the current one counts for nothing.</summary>
    public void Add(ReleaseRecord record)
    {
        LineageTotals? before = Of(record.Lineage);
        switch (record)
        {
            case ManifestTaken taken when before is null || taken.Version > before.Version:
                _lineages[record.Lineage] = new LineageTotals(taken.Version, taken.Digest, ImmutableSortedDictionary<StageId, int>.Empty, before?.Releases ?? 0);
                break;
            case KeysReleased released when before is not null && released.Version == before.Version:
                ImmutableSortedDictionary<StageId, int> counts = before.Activations;
                foreach (StageId stage in released.Stages)
                {
                    counts = counts.SetItem(stage, checked(counts.GetValueOrDefault(stage) + 1));
                }

                _lineages[record.Lineage] = before with { Activations = counts, Releases = before.Releases + 1 };
                break;
        }
    }

    /// <summary>Sets what was added up before.</summary>
    public void Set(UInt128 lineage, LineageTotals totals) => _lineages[lineage] = totals;

    /// <summary>A copy with a life of its own.</summary>
    public ReleaseTotals Copy()
    {
        ReleaseTotals copy = new();
        foreach ((UInt128 lineage, LineageTotals totals) in _lineages)
        {
            copy.Set(lineage, totals);
        }

        return copy;
    }
}

/// <summary>What is known of a lineage.</summary>
/// <param name="Version">The current version.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Activations">Enclaves that were given keys under it, by stage.</param>
/// <param name="Releases">Releases under all versions.</param>
public sealed record LineageTotals(int Version, ImmutableArray<byte> Digest, ImmutableSortedDictionary<StageId, int> Activations, long Releases);
