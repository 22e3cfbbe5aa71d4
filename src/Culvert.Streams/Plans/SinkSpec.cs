namespace Culvert.Streams;

/// <summary>What receives events, as data: rooms above know how. The engine finds the one who can open it by its type.</summary>
public abstract class SinkSpec
{
    /// <summary>The canonical text of every sink by which an owner is shown a result: in what form is no part of the job.</summary>
    public const string Shown = "shown";

    /// <summary>What of it belongs into the plan's digest, as canonical text; not the names of files.</summary>
    public abstract string Canonical { get; }

    /// <summary>How <c>plan</c> shows it, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>True when what it writes is sealed, so that a protected stage seals it itself; else the owner writes it. Default false.</summary>
    public virtual bool IsSealed => false;
}
