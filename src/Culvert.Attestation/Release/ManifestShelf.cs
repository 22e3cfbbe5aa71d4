using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>The manifest of each job of one owner. Immutable snapshots, swapped whole; one writer at a time.</summary>
internal sealed class ManifestShelf
{
    /// <summary>Jobs of one broker.</summary>
    internal const int JobsMax = 4096;

    private volatile ImmutableDictionary<string, ShelvedManifest> _byJob = ImmutableDictionary.Create<string, ShelvedManifest>(StringComparer.Ordinal);

    internal bool IsFull => _byJob.Count >= JobsMax;

    internal ShelvedManifest? Of(string job) => _byJob.GetValueOrDefault(job);

    internal void Put(ManifestHistory history) => _byJob = _byJob.SetItem(
        history.Current.Manifest.Job,
        new ShelvedManifest(history, [.. history.Versions.SkipLast(1).Select(version => PlanDigest.FromBytes(version.Digest.AsSpan()))]));
}

/// <summary>A job's manifest, and the digests of the versions before the current one.</summary>
internal sealed record ShelvedManifest(ManifestHistory History, ImmutableHashSet<PlanDigest> Earlier);
