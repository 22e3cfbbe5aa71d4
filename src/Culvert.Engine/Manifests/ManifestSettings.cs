using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.Engine;

/// <summary>What a manifest says that does not follow from its plan.</summary>
public sealed record ManifestSettings
{
    /// <summary>16 random bytes: state keys follow from them.</summary>
    public required ImmutableArray<byte> Lineage { get; init; }

    /// <summary>The owner's public signing key, SubjectPublicKeyInfo.</summary>
    public required ImmutableArray<byte> OwnerKey { get; init; }

    /// <summary>The broker's public signing key, SubjectPublicKeyInfo.</summary>
    public required ImmutableArray<byte> BrokerKey { get; init; }

    /// <summary>Nothing is released before; the part below a second is cut off.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Nothing is released from then on; the part below a second is cut off.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The images that every stage accepts; one at least.</summary>
    public required ImmutableArray<AcceptedMeasurement> Accepted { get; init; }

    /// <summary>What platforms have to fulfil, by kind; all kinds of <see cref="Accepted"/> are here.</summary>
    public required ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> Platforms { get; init; }

    /// <summary>The key epoch. Default 0.</summary>
    public KeyEpoch Epoch { get; init; }

    /// <summary>Evidence without hardware is enough. Default false.</summary>
    public bool AllowSimulation { get; init; }

    /// <summary>The sealed files that may be read; null (default): any of the owner's.</summary>
    public ImmutableArray<StreamId>? Inputs { get; init; }

    /// <summary>How many enclaves may be given a stage's keys; 0 (default): any number.</summary>
    public int ActivationsMax { get; init; }
}
