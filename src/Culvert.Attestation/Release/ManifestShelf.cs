using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>The current manifest of each job of one owner. Immutable snapshots, swapped whole; one writer at a time.</summary>
internal sealed class ManifestShelf
{
    /// <summary>Jobs of one broker.</summary>
    internal const int JobsMax = 4096;

    private volatile ImmutableDictionary<string, ShelvedManifest> _byJob = ImmutableDictionary.Create<string, ShelvedManifest>(StringComparer.Ordinal);

    internal ShelvedManifest? Of(string job) => _byJob.GetValueOrDefault(job);

    internal bool IsFull => _byJob.Count >= JobsMax;

    internal void Put(SignedManifest signed)
    {
        ShelvedManifest? before = Of(signed.Manifest.Job);
        ImmutableHashSet<PlanDigest> earlier = before is null || before.Signed.Digest.SequenceEqual(signed.Digest)
            ? before?.Earlier ?? []
            : before.Earlier.Add(PlanDigest.FromBytes(before.Signed.Digest.AsSpan()));
        _byJob = _byJob.SetItem(signed.Manifest.Job, new ShelvedManifest(signed, earlier));
    }
}

/// <summary>A job's current manifest, and the digests of those that it replaced.</summary>
internal sealed record ShelvedManifest(SignedManifest Signed, ImmutableHashSet<PlanDigest> Earlier);
