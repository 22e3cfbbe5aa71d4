namespace Culvert.Streams;

/// <summary>Events that .NET code holds or makes.</summary>
public abstract class SequenceSourceSpec : SourceSpec
{
    private protected SequenceSourceSpec(Schema schema) => Schema = schema;

    /// <summary>The columns of its batches.</summary>
    public Schema Schema { get; }

    /// <summary>True when reading it again gives the same events: then runs can be snapshotted and resumed.</summary>
    public abstract override bool IsReplayable { get; }

    /// <summary>Why not, and what to do about it; for the message that refuses snapshots.</summary>
    public virtual string? NotReplayableBecause => IsReplayable
        ? null
        : $"{Description} cannot be read again from a position: give it as an array or a list, or write it to a file first";

    /// <summary>The events in all, where that is known.</summary>
    public virtual long? RowCount => null;

    /// <inheritdoc/>
    public override string Canonical => $"sequence {PartitionCount}";

    /// <summary>What must be the same when a run is resumed: a digest of all events. Only for replayable ones.</summary>
    public virtual byte[] ComputeIdentity() => throw new NotSupportedException(NotReplayableBecause);

    /// <summary>Begins to read a partition. A sequence that is not replayable may be opened anew, and is then enumerated anew.</summary>
    public abstract IRowSource Open(PartitionId partition);
}
