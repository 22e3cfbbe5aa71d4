using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// A step of a job as its author wrote it: immutable, and knowing only what it reads from. Several nodes may read one.
/// The planner turns the nodes that lead to a job's sinks into stages.
/// </summary>
public abstract class Node
{
    private protected Node(Schema schema, params ImmutableArray<Node> inputs)
    {
        Schema = schema;
        Inputs = inputs;
    }

    /// <summary>The name of the hidden column that carries an event's time, behind the columns that the author named.</summary>
    public const string EventTimeColumn = "$time";

    /// <summary>What it delivers.</summary>
    public Schema Schema { get; }

    /// <summary>What it reads from.</summary>
    public ImmutableArray<Node> Inputs { get; }

    /// <summary>What its author calls it, if anything: <c>peek --stage</c> finds it by this.</summary>
    public string? Name { get; private set; }

    /// <summary>Where its data may be seen; null takes the job's.</summary>
    public Protection? Protection { get; private set; }

    /// <summary>Labels that a node must have for this to be placed there, in ordinal order.</summary>
    public ImmutableArray<string> Constraints { get; private set; } = [];

    /// <summary>True when it is not to be fused with what it reads from.</summary>
    public bool Apart { get; private set; }

    /// <summary>This node under a name, or with other traits; a trait that is null keeps its value.</summary>
    public Node With(string? name = null, Protection? protection = null, ImmutableArray<string>? constraints = null, bool? apart = null)
    {
        Node copy = (Node)MemberwiseClone();
        copy.Name = name ?? Name;
        copy.Protection = protection ?? Protection;
        copy.Constraints = constraints ?? Constraints;
        copy.Apart = apart ?? Apart;
        return copy;
    }

    internal Node WithTraitsOf(Node other)
    {
        (Name, Protection, Constraints, Apart) = (other.Name, other.Protection, other.Constraints, other.Apart);
        return this;
    }
}

/// <summary>Where a stage's data may be seen.</summary>
public enum Protection : byte
{
    /// <summary>The host of the worker sees it.</summary>
    Open = 1,

    /// <summary>The worker process sees it; wires and disks carry sealed frames.</summary>
    Sealed = 2,

    /// <summary>Attested code sees it.</summary>
    Enclave = 3,

    /// <summary>Nobody sees it.</summary>
    Homomorphic = 4,
}
