using System.Collections.Immutable;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>
/// A step of a job as its author wrote it: immutable, and knowing only what it reads from. Several nodes may read one.
/// The planner turns the nodes that lead to a job's sinks into stages.
/// </summary>
public abstract class Node
{
    private string? _name;
    private Protection? _protection;
    private ImmutableArray<string> _constraints = [];
    private bool _apart;

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
    public string? Name
    {
        get => _name;
        init => _name = value;
    }

    /// <summary>Where its data may be seen; null takes the job's.</summary>
    public Protection? Protection
    {
        get => _protection;
        init => _protection = value;
    }

    /// <summary>Labels that a node must have for this to be placed there, in ordinal order.</summary>
    public ImmutableArray<string> Constraints
    {
        get => _constraints;
        init => _constraints = value;
    }

    /// <summary>True when it is not to be fused with what it reads from.</summary>
    public bool Apart
    {
        get => _apart;
        init => _apart = value;
    }

    /// <summary>This node with other marks; it reads from the same nodes.</summary>
    internal Node With(string? name, Protection? protection, ImmutableArray<string> constraints, bool apart)
    {
        Node copy = (Node)MemberwiseClone();
        (copy._name, copy._protection, copy._constraints, copy._apart) = (name, protection, constraints, apart);
        return copy;
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
