namespace Culvert.Storage;

/// <summary>How a version is put.</summary>
public sealed record PutOptions
{
    /// <summary>How many versions are kept, with the new one; the others are removed; default: as many as a unit can have (<see cref="UnitLimits.VersionsMax"/>).</summary>
    public int Keep { get; init; } = UnitLimits.VersionsMax;

    /// <summary>The lease under which it is put: refused when too little of it is left, or another writer has written. Default: none.</summary>
    public IUnitLease? Lease { get; init; }

    /// <summary>The number that the newest version must have; 0: none may be there. Default: any.</summary>
    public long? Expected { get; init; }

    /// <summary>Goes on with an upload of the same content that was cut short; default true.</summary>
    public bool Resume { get; init; } = true;
}

/// <summary>A version that was put.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Record">Its metadata's version.</param>
/// <param name="ChunksResumed">Chunks that were there already, from an upload that was cut short.</param>
/// <param name="Behind">Clouds that lack something of it, or are not done yet.</param>
public sealed record PutReceipt(long Number, long Bytes, RecordVersion Record, int ChunksResumed, IReadOnlyList<string> Behind);
