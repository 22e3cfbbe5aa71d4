using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>Makes other graphs of a job's: nodes are immutable, so whatever leads from a replaced node to a sink is made anew, once.</summary>
public static class NodeRewriter
{
    /// <summary>The same job with other nodes: <paramref name="replace"/> gives another node for one, or null to keep it. A replacement has the schema of what it replaces.</summary>
    public static Job Rewrite(Job job, Func<Node, Node?> replace)
    {
        Dictionary<Node, Node> done = new(ReferenceEqualityComparer.Instance);
        return With(job, [.. job.Sinks.Select(s => (SinkNode)Visit(s))]);

        Node Visit(Node node)
        {
            if (done.TryGetValue(node, out Node? known))
            {
                return known;
            }

            Node result;
            if (replace(node) is { } other)
            {
                if (!other.Schema.Equals(node.Schema))
                {
                    throw new ArgumentException($"({other.Schema}) cannot stand for ({node.Schema})", nameof(replace));
                }

                result = other;
            }
            else
            {
                ImmutableArray<Node> inputs = [.. node.Inputs.Select(Visit)];
                bool same = inputs.Zip(node.Inputs).All(p => ReferenceEquals(p.First, p.Second));
                result = same ? node : Copy(node, inputs).WithTraitsOf(node);
            }

            done.Add(node, result);
            return result;
        }
    }

    /// <summary>The job with other sinks.</summary>
    public static Job With(Job job, ImmutableArray<SinkNode> sinks) =>
        new(job.Name, sinks) { Protection = job.Protection, KeyPartitions = job.KeyPartitions };

    /// <summary>Everything that leads to a job's sinks, inputs before what reads them, each once.</summary>
    public static IReadOnlyList<Node> Nodes(Job job)
    {
        List<Node> found = [];
        HashSet<Node> seen = new(ReferenceEqualityComparer.Instance);
        foreach (SinkNode sink in job.Sinks)
        {
            Visit(sink);
        }

        return found;

        void Visit(Node node)
        {
            if (seen.Add(node))
            {
                foreach (Node input in node.Inputs)
                {
                    Visit(input);
                }

                found.Add(node);
            }
        }
    }

    private static Node Copy(Node node, ImmutableArray<Node> inputs) => node switch
    {
        SourceNode n => new SourceNode(n.Source, n.Schema),
        SinkNode n => new SinkNode(inputs[0], n.Sink),
        WhereNode n => new WhereNode(inputs[0], n.Predicate),
        SelectNode n => new SelectNode(inputs[0], n.Columns),
        AggregateNode n => new AggregateNode(inputs[0], n.Keys, n.Aggregates, n.Window),
        LateNode => new LateNode((AggregateNode)inputs[0]),
        EventTimeNode n => new EventTimeNode(inputs[0], n.Time, n.Disorder),
        LookupNode n => new LookupNode(inputs[0], n.Key, n.Table, n.KeepUnmatched),
        MergeNode => new MergeNode(inputs),
        PartitionNode n => new PartitionNode(inputs[0], n.Dispatch, n.Keys, n.Count),
        CodeNode n => new CodeNode(inputs[0], n.Code),
        FoldNode n => new FoldNode(inputs[0], n.Keys, n.Code),
        _ => throw new InvalidOperationException($"{node.GetType().Name} cannot be copied"),
    };
}
