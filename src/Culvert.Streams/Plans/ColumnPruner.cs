using System.Collections.Immutable;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>
/// Rewrites a job's nodes so that each delivers only the columns that something behind it reads: a source parses two
/// columns of 29 because two are touched. A column that nobody reads is not computed, so it cannot fail either.
/// </summary>
internal sealed class ColumnPruner
{
    private readonly Dictionary<Node, SortedSet<int>> _required = [];
    private readonly Dictionary<Node, (Node Node, int[] Map)> _rewritten = [];
    private readonly List<Node> _order = []; // each behind its inputs

    private ColumnPruner(Job job)
    {
        HashSet<Node> seen = [];
        foreach (SinkNode sink in job.Sinks)
        {
            Visit(sink, seen, 0);
        }

        for (int i = _order.Count - 1; i >= 0; i--)
        {
            Require(_order[i]);
        }

        foreach (Node node in _order)
        {
            _rewritten[node] = Rewrite(node);
        }
    }

    /// <summary>More nodes in a row than this are refused: jobs are written by people, and recursion is bounded.</summary>
    private const int DepthMax = 500;

    /// <summary>The job's sinks over rewritten nodes.</summary>
    internal static ImmutableArray<SinkNode> Prune(Job job)
    {
        ColumnPruner pruner = new(job);
        return [.. job.Sinks.Select(s => (SinkNode)pruner._rewritten[s].Node)];
    }

    private void Visit(Node node, HashSet<Node> seen, int depth)
    {
        if (depth > DepthMax)
        {
            throw new PlanException($"the job has more than {DepthMax} steps in a row");
        }

        if (seen.Add(node))
        {
            foreach (Node input in node.Inputs)
            {
                Visit(input, seen, depth + 1);
            }

            _order.Add(node);
            _required[node] = [];
        }
    }

    private void Require(Node node)
    {
        SortedSet<int> own = _required[node];
        switch (node)
        {
            case SinkNode:
                Need(node.Inputs[0], Visible(node.Schema));
                break;
            case WhereNode where:
                Need(where.Inputs[0], own.Select(i => where.Keep[i]));
                Need(where.Inputs[0], Expr.Columns(where.Predicate));
                break;
            case SelectNode select:
                Need(select.Inputs[0], own.SelectMany(i => Expr.Columns(select.Columns[i].Value)));
                break;
            case EventTimeNode time:
                // All columns of the input but an older time, then the new time.
                List<int> kept = Kept(time);
                Need(time.Inputs[0], own.Where(i => i < kept.Count).Select(i => kept[i]));
                Need(time.Inputs[0], Expr.Columns(time.Time));
                break;
            case AggregateNode aggregate:
                Need(aggregate.Inputs[0], aggregate.Keys.SelectMany(k => Expr.Columns(k.Value)));
                Need(aggregate.Inputs[0], aggregate.Aggregates.Where(a => a.Argument is not null).SelectMany(a => Expr.Columns(a.Argument!)));
                if (aggregate.Window is not null)
                {
                    Need(aggregate.Inputs[0], [TimeOf(aggregate.Inputs[0])]);
                }

                break;
            case LateNode late:
                Need(late.Window.Inputs[0], own);
                break;
            case MergeNode:
                foreach (Node input in node.Inputs)
                {
                    Need(input, own);
                }

                break;
            case LookupNode lookup:
                Need(lookup.Inputs[0], own.Where(i => i < lookup.Inputs[0].Schema.Count));
                Need(lookup.Inputs[0], Expr.Columns(lookup.Key));
                break;
            case PartitionNode partition:
                Need(partition.Inputs[0], own);
                Need(partition.Inputs[0], partition.Keys.SelectMany(k => Expr.Columns(k.Value)));
                break;
            case CodeNode or FoldNode:
                Need(node.Inputs[0], Enumerable.Range(0, node.Inputs[0].Schema.Count));
                break;
            default:
                break;
        }
    }

    private (Node Node, int[] Map) Rewrite(Node node)
    {
        SortedSet<int> own = _required[node];
        switch (node)
        {
            case SourceNode source when source.Source.CanProject:
                Schema schema = new(own.Select(i => source.Schema[i]));
                return (Like(node, new SourceNode(source.Source.Project(schema), schema)), Map(node, own));
            case WhereNode where:
                {
                    (Node input, int[] map) = _rewritten[where.Inputs[0]];
                    ImmutableArray<int> keep = [.. own.Select(i => map[where.Keep[i]])];
                    return (Like(node, new WhereNode(input, Remap(where.Predicate, map), keep)), Map(node, own));
                }

            case SelectNode select:
                {
                    (Node input, int[] map) = _rewritten[select.Inputs[0]];
                    return (Like(node, new SelectNode(input, [.. own.Select(i => Remap(select.Columns[i], map))])), Map(node, own));
                }

            case EventTimeNode time:
                return RewriteEventTime(time);
            case AggregateNode aggregate:
                {
                    (Node input, int[] map) = _rewritten[aggregate.Inputs[0]];
                    AggregateNode rewritten = new(
                        input,
                        [.. aggregate.Keys.Select(k => Remap(k, map))],
                        [.. aggregate.Aggregates.Select(a => a with { Argument = a.Argument is null ? null : Remap(a.Argument, map) })],
                        aggregate.Window);
                    return (Like(node, rewritten), Identity(node));
                }

            case LateNode late:
                {
                    AggregateNode window = (AggregateNode)_rewritten[late.Window].Node;
                    return (Like(node, new LateNode(window)), _rewritten[late.Window.Inputs[0]].Map);
                }

            case LookupNode lookup:
                return RewriteLookup(lookup);
            case MergeNode:
                return RewriteMerge(node);
            case PartitionNode partition:
                {
                    (Node input, int[] map) = _rewritten[partition.Inputs[0]];
                    ImmutableArray<NamedExpr> keys = [.. partition.Keys.Select(k => Remap(k, map))];
                    return (Like(node, new PartitionNode(input, partition.Dispatch, keys, partition.Count)), map);
                }

            case CodeNode code:
                return (Like(node, new CodeNode(_rewritten[code.Inputs[0]].Node, code.Code)), Identity(node));
            case FoldNode fold:
                return (Like(node, new FoldNode(_rewritten[fold.Inputs[0]].Node, fold.Keys, fold.Code)), Identity(node));
            case SinkNode sink:
                {
                    (Node input, int[] map) = _rewritten[sink.Inputs[0]];
                    int[] visible = [.. Visible(node.Schema)];
                    return (Like(node, new SinkNode(Narrow(input, [.. visible.Select(i => map[i])]), sink.Sink)), Identity(node));
                }

            default:
                return (node, Identity(node));
        }
    }

    private (Node Node, int[] Map) RewriteEventTime(EventTimeNode time)
    {
        (Node input, int[] map) = _rewritten[time.Inputs[0]];
        List<int> kept = Kept(time);
        Node rewritten = Like(time, new EventTimeNode(input, Remap(time.Time, map), time.Disorder));
        int[] own = new int[time.Schema.Count];
        for (int i = 0; i < kept.Count; i++)
        {
            // Columns behind an older time move up by one when that is dropped from the input.
            int at = map[kept[i]];
            int older = input.Schema.IndexOf(Node.EventTimeColumn);
            own[i] = at > older && older >= 0 ? at - 1 : at;
        }

        own[^1] = rewritten.Schema.Count - 1;
        return (rewritten, own);
    }

    private (Node Node, int[] Map) RewriteLookup(LookupNode lookup)
    {
        (Node input, int[] map) = _rewritten[lookup.Inputs[0]];
        LookupNode rewritten = new(input, Remap(lookup.Key, map), lookup.Table, lookup.KeepUnmatched);
        int before = lookup.Inputs[0].Schema.Count;
        int[] own = [.. map, .. Enumerable.Range(input.Schema.Count, lookup.Schema.Count - before)];
        return (Like(lookup, rewritten), own);
    }

    private (Node Node, int[] Map) RewriteMerge(Node node)
    {
        SortedSet<int> own = _required[node];
        ImmutableArray<Node> inputs = [.. node.Inputs.Select(i => Narrow(_rewritten[i].Node, [.. own.Select(c => _rewritten[i].Map[c])]))];
        return (Like(node, new MergeNode(inputs)), Map(node, own));
    }

    /// <summary>A node that delivers just these columns in this order: the node itself where that is what it does.</summary>
    private static Node Narrow(Node input, int[] columns) =>
        columns.AsSpan().SequenceEqual([.. Enumerable.Range(0, input.Schema.Count)])
            ? input
            : new SelectNode(input, [.. columns.Select(c => new NamedExpr(input.Schema[c].Name, Expr.Column(c, input.Schema[c].Name, input.Schema[c].Type)))]);

    private static Node Like(Node original, Node rewritten) => rewritten.WithTraitsOf(original);

    private static IEnumerable<int> Visible(Schema schema) =>
        Enumerable.Range(0, schema.Count).Where(i => schema[i].Name != Node.EventTimeColumn);

    private static List<int> Kept(EventTimeNode time) =>
        [.. Enumerable.Range(0, time.Inputs[0].Schema.Count).Where(i => time.Inputs[0].Schema[i].Name != Node.EventTimeColumn)];

    private static int TimeOf(Node input)
    {
        int time = input.Schema.IndexOf(Node.EventTimeColumn);
        return time >= 0
            ? time
            : throw new PlanException("a window needs event time: say before it where an event's time is (WithEventTime, or 'event time' in a job file)");
    }

    private void Need(Node node, IEnumerable<int> columns) => _required[node].UnionWith(columns);

    private static int[] Map(Node node, SortedSet<int> kept)
    {
        int[] map = new int[node.Schema.Count];
        Array.Fill(map, -1);
        int next = 0;
        foreach (int column in kept)
        {
            map[column] = next++;
        }

        return map;
    }

    private static int[] Identity(Node node) => [.. Enumerable.Range(0, node.Schema.Count)];

    private static NamedExpr Remap(NamedExpr named, int[] map) => named with { Value = Remap(named.Value, map) };

    private static Expr Remap(Expr expr, int[] map) => Expr.Remap(expr, i => map[i]);
}
