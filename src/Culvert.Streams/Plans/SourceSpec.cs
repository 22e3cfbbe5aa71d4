namespace Culvert.Streams;

/// <summary>
/// What a source reads, as data: rooms above know how. The engine finds the one who can open it by its type.
/// </summary>
public abstract class SourceSpec
{
    /// <summary>How many partitions the plan gives it.</summary>
    public virtual int PartitionCount => 1;

    /// <summary>
    /// What of it belongs into the plan's digest, as canonical text: the kind and the rules of reading, not the names of
    /// files, since the same plan runs over other input.
    /// </summary>
    public abstract string Canonical { get; }

    /// <summary>How <c>plan</c> shows it, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>The spec that reads only these columns of <paramref name="schema"/>, or this one where that makes no difference.</summary>
    public virtual SourceSpec Project(Schema schema) => this;

    /// <summary>True when it can be read again from any position, so that a run of it can be resumed.</summary>
    public virtual bool IsReplayable => true;

    /// <summary>True when it can leave columns unread.</summary>
    public virtual bool CanProject => false;

    /// <summary>True when what it reads is sealed, so that a protected stage opens it itself; else the owner reads it (docs/specs/plan.md). Default false.</summary>
    public virtual bool IsSealed => false;
}
