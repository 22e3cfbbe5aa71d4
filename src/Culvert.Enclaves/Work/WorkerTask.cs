using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// What whoever starts a run gives a worker beside keys: the plan, and which sealed files are read and written. None of it is
/// believed before keys came for it: they are bound to the plan's digest, the run and the inputs.
/// </summary>
public sealed record WorkerTask
{
    /// <summary>The plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>Names the inputs: a digest of their headers. Keys and states of a run over other inputs are others.</summary>
    public required ImmutableArray<byte> Inputs { get; init; }

    /// <summary>Bytes of keyed state that stay inside; the rest is paged out sealed. 0: all of it stays.</summary>
    public long StateBytesMax { get; init; }

    /// <summary>The sealed files that sources read, by source stage, in order.</summary>
    public ImmutableSortedDictionary<StageId, ImmutableArray<StreamId>> Files { get; init; } = ImmutableSortedDictionary<StageId, ImmutableArray<StreamId>>.Empty;

    /// <summary>The stream of the sealed result (<see cref="Attestation.ReleaseBinding.ResultStream"/>), or null.</summary>
    public StreamId? Output { get; init; }

    /// <summary>Which owner's key opens the result.</summary>
    public OwnerKeyId OwnerKey { get; init; }

    /// <summary>Partitions state what they read and gave, for a proof.</summary>
    public bool Proves { get; init; }
}
