using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// Cuts a job's nodes into stages. A stage ends where rows have to change partition: before a keyed aggregate, a fold, a
/// merge, a change of protection, or where the author set it apart. Aggregates are split in two: states of a round are
/// made where the rows are, and merged where the key lives.
/// </summary>
internal sealed class Planner(Job job)
{
    private const int PartitionsMax = PlanLimits.PartitionsMax;

    private readonly List<StageBuilder> _stages = [];
    private readonly List<Edge> _edges = [];
    private readonly Dictionary<Node, Output> _outputs = [];
    private readonly Dictionary<AggregateNode, Output> _late = [];
    private readonly Dictionary<StageBuilder, Output> _inside = [];
    private HashSet<AggregateNode> _withLate = [];
    private Dictionary<Node, int> _readers = [];

    internal Plan Compile()
    {
        if (job.Sinks.IsEmpty)
        {
            throw new PlanException($"the job '{job.Name}' has no sink: nothing would come of it");
        }

        CheckCount(job.KeyPartitions, "the job");
        ImmutableArray<SinkNode> sinks = ColumnPruner.Prune(job);
        HashSet<Node> nodes = Reachable(sinks);
        _withLate = [.. nodes.OfType<LateNode>().Select(l => l.Window)];
        _readers = nodes.SelectMany(n => n.Inputs).CountBy(n => n).ToDictionary();
        foreach (SinkNode sink in sinks)
        {
            Build(sink);
        }

        MarkOrder();
        UniqueNames();
        return new Plan(job.Name, [.. _stages.Select(s => s.Build())], [.. _edges]);
    }

    private static HashSet<Node> Reachable(IEnumerable<Node> from)
    {
        HashSet<Node> seen = [];
        Stack<Node> left = new(from);
        while (left.TryPop(out Node? node))
        {
            if (seen.Add(node))
            {
                foreach (Node input in node.Inputs)
                {
                    left.Push(input);
                }
            }
        }

        return seen;
    }

    private Output Build(Node node)
    {
        if (_outputs.TryGetValue(node, out Output known))
        {
            return known;
        }

        Output output = node switch
        {
            SourceNode source => BuildSource(source),
            WhereNode => Append(node, OperatorRole.Where),
            SelectNode => Append(node, OperatorRole.Select),
            CodeNode => Append(node, OperatorRole.Code),
            EventTimeNode => Append(node, OperatorRole.EventTime),
            LookupNode => Append(node, OperatorRole.Lookup),
            AggregateNode aggregate => BuildAggregate(aggregate),
            FoldNode fold => BuildFold(fold),
            LateNode late => BuildLate(late),
            MergeNode => BuildMerge(node),
            PartitionNode partition => BuildPartition(partition),
            SinkNode sink => BuildSink(sink),
            _ => throw new InvalidOperationException($"no plan for {node.GetType().Name}"),
        };
        _outputs[node] = output;
        return output;
    }

    private Output BuildSource(SourceNode source)
    {
        CheckCount(source.Source.PartitionCount, $"the source {source.Source.Description}");
        StageBuilder stage = NewStage(source, source.Source.PartitionCount, source.Name ?? "source", IsAtOwner(source, source.Source.IsSealed));
        return stage.Add(new PlanOperator(OperatorRole.Source, source, [], source.Schema));
    }

    /// <summary>Puts an operator behind its input, in the same stage unless something sets it apart.</summary>
    private Output Append(Node node, OperatorRole role)
    {
        Output input = Build(node.Inputs[0]);
        StageBuilder stage = input.Stage;
        PlanInput from;
        if (node.Apart || ProtectionOf(node) != stage.Protection || !Fits(node, stage))
        {
            stage = NewStage(node, stage.PartitionCount, node.Name);
            from = Connect(input, stage, Dispatch.Forward, []);
        }
        else
        {
            (stage, from) = Inside(input, role.ToString().ToLowerInvariant());
        }

        stage.Rename(node.Name);
        return stage.Add(new PlanOperator(role, node, [from], node.Schema));
    }

    /// <summary>
    /// The stage in which operators can follow, and what they read there: the input's own; but behind a source that the owner
    /// reads, a stage under the protection and with the labels that the source's author wrote. Where several read the source,
    /// its frames are received once for all of them.
    /// </summary>
    private (StageBuilder Stage, PlanInput From) Inside(Output input, string name)
    {
        StageBuilder own = input.Stage;
        if (!own.IsAtOwner)
        {
            return (own, PlanInput.FromOperator(input.Operator, input.Port));
        }

        Node source = own.Operators[0].Node;
        if (!_inside.TryGetValue(own, out Output received))
        {
            StageBuilder stage = NewStage(source, own.PartitionCount, name);
            PlanInput from = Connect(input, stage, Dispatch.Forward, []);
            if (_readers[source] == 1)
            {
                return (stage, from);
            }

            received = stage.Add(new PlanOperator(OperatorRole.Merge, source, [from], source.Schema));
            _inside[own] = received;
        }

        return (received.Stage, PlanInput.FromOperator(received.Operator, received.Port));
    }

    private Output BuildAggregate(AggregateNode node)
    {
        Output input = Build(node.Inputs[0]);
        int partitions = node.Keys.IsEmpty ? 1 : job.KeyPartitions;
        string name = node.Name ?? (node.Window is null ? "aggregate" : "window");
        if (_withLate.Contains(node))
        {
            return BuildAggregateWithLate(node, input, partitions, name);
        }

        (StageBuilder local, PlanInput rows) = Inside(input, "partial");
        Output states = local.Add(new PlanOperator(OperatorRole.PartialAggregate, node, [rows], node.StateSchema));
        StageBuilder stage = NewStage(node, partitions, name);
        Dispatch dispatch = node.Keys.IsEmpty ? Dispatch.Gather : Dispatch.ByKey;
        PlanInput from = Connect(states, stage, dispatch, [.. Enumerable.Range(0, node.Keys.Length)]);
        return stage.Add(new PlanOperator(OperatorRole.FinalAggregate, node, [from], node.Schema));
    }

    /// <summary>What is late is decided where the watermark of all producers is known: at the key's partition.</summary>
    private Output BuildAggregateWithLate(AggregateNode node, Output input, int partitions, string name)
    {
        (Output rows, ImmutableArray<int> keys) = WithKeys(input, node.Keys, node);
        StageBuilder stage = NewStage(node, partitions, name);
        PlanInput raw = ConnectByKeys(rows, stage, keys);
        Output split = stage.Add(new PlanOperator(OperatorRole.LateSplit, node, [raw], node.Inputs[0].Schema));
        _late[node] = split with { Port = 1 };
        Output states = stage.Add(new PlanOperator(
            OperatorRole.PartialAggregate, node, [PlanInput.FromOperator(split.Operator, 0)], node.StateSchema));
        return stage.Add(new PlanOperator(
            OperatorRole.FinalAggregate, node, [PlanInput.FromOperator(states.Operator, 0)], node.Schema));
    }

    private Output BuildFold(FoldNode node)
    {
        (Output rows, ImmutableArray<int> keys) = WithKeys(Build(node.Inputs[0]), node.Keys, node);
        StageBuilder stage = NewStage(node, node.Keys.IsEmpty ? 1 : job.KeyPartitions, node.Name ?? "fold");
        return stage.Add(new PlanOperator(OperatorRole.Fold, node, [ConnectByKeys(rows, stage, keys)], node.Schema));
    }

    /// <summary>
    /// Rows with their keys, and the keys' columns. Keys that are not columns of the input are computed in front of the edge
    /// and dropped behind it by whoever reads: the receiver's operators know the input's columns by their indexes.
    /// </summary>
    private (Output Rows, ImmutableArray<int> Keys) WithKeys(Output input, ImmutableArray<NamedExpr> keys, Node reader)
    {
        Schema schema = reader.Inputs[0].Schema;
        List<NamedExpr> columns = [.. schema.Fields.Select((f, i) => new NamedExpr(f.Name, Expressions.Expr.Column(i, f.Name, f.Type)))];
        ImmutableArray<int>.Builder keyColumns = ImmutableArray.CreateBuilder<int>();
        foreach (NamedExpr key in keys)
        {
            if (key.Value is Expressions.ColumnExpr column)
            {
                keyColumns.Add(column.Index);
            }
            else
            {
                keyColumns.Add(columns.Count);
                columns.Add(new NamedExpr($"$key{columns.Count}", key.Value));
            }
        }

        if (columns.Count > schema.Count)
        {
            SelectNode select = new(reader.Inputs[0], [.. columns]);
            (StageBuilder local, PlanInput from) = Inside(input, "keys");
            input = local.Add(new PlanOperator(OperatorRole.Select, select, [from], select.Schema));
        }

        return (input, keyColumns.ToImmutable());
    }

    private PlanInput ConnectByKeys(Output rows, StageBuilder stage, ImmutableArray<int> keys) =>
        Connect(rows, stage, keys.IsEmpty ? Dispatch.Gather : Dispatch.ByKey, keys);

    private Output BuildLate(LateNode node)
    {
        Build(node.Window);
        return _late[node.Window];
    }

    private Output BuildMerge(Node node)
    {
        Output[] inputs = [.. node.Inputs.Select(Build)];
        int partitions = inputs.Max(i => i.Stage.PartitionCount);
        StageBuilder stage = NewStage(node, partitions, node.Name ?? "merge");
        ImmutableArray<PlanInput> from =
        [
            .. inputs.Select(i => Connect(
                i, stage, i.Stage.PartitionCount == partitions ? Dispatch.Forward : Dispatch.RoundRobin, [])),
        ];
        return stage.Add(new PlanOperator(OperatorRole.Merge, node, from, node.Schema));
    }

    private Output BuildPartition(PartitionNode node)
    {
        int count = node.Dispatch == Dispatch.Gather ? 1 : node.Count ?? job.KeyPartitions;
        CheckCount(count, "a partitioning");
        bool byKey = node.Dispatch == Dispatch.ByKey;
        (Output rows, ImmutableArray<int> keys) = WithKeys(Build(node.Inputs[0]), byKey ? node.Keys : [], node);
        StageBuilder stage = NewStage(node, count, node.Name ?? "partition");
        PlanInput from = byKey ? ConnectByKeys(rows, stage, keys) : Connect(rows, stage, node.Dispatch, []);
        return stage.Add(new PlanOperator(OperatorRole.Merge, node, [from], node.Schema));
    }

    private Output BuildSink(SinkNode node)
    {
        Output input = Build(node.Inputs[0]);
        StageBuilder stage = input.Stage;
        PlanInput from = PlanInput.FromOperator(input.Operator, input.Port);
        bool atOwner = IsAtOwner(node, node.Sink.IsSealed);
        if (stage.PartitionCount > 1 || stage.HasSource || atOwner || ProtectionOf(node) != stage.Protection)
        {
            stage = NewStage(node, 1, node.Name ?? "sink", atOwner);
            from = Connect(input, stage, Dispatch.Gather, []);
        }

        return stage.Add(new PlanOperator(OperatorRole.Sink, node, [from], node.Schema));
    }

    private PlanInput Connect(Output from, StageBuilder to, Dispatch dispatch, ImmutableArray<int> keys)
    {
        EdgeId id = new(_edges.Count);
        Schema schema = from.Stage.SchemaOf(from.Operator, from.Port);
        _edges.Add(new Edge(id, from.Stage.Id, from.Operator, from.Port, to.Id, dispatch, keys, true, schema));
        return PlanInput.FromEdge(id);
    }

    private void MarkOrder()
    {
        for (int e = 0; e < _edges.Count; e++)
        {
            PlanOperator reader = _stages[_edges[e].To.Value].Operators.Single(o => o.Inputs.Any(i => i.Edge == e));
            _edges[e] = _edges[e] with { Ordered = EdgeOrder.Matters(reader) };
        }
    }

    private StageBuilder NewStage(Node node, int partitions, string? name, bool atOwner = false)
    {
        StageBuilder stage = new(new StageId(_stages.Count), ProtectionOf(node), partitions, node.Constraints, name, atOwner);
        _stages.Add(stage);
        return stage;
    }

    private Protection ProtectionOf(Node node) => node.Protection ?? job.Protection;

    /// <summary>What is protected and comes from or goes to where it is in the open is read or written by its owner.</summary>
    private bool IsAtOwner(Node end, bool isSealed) => !isSealed && ProtectionOf(end) != Protection.Open;

    private static bool Fits(Node node, StageBuilder stage) =>
        node.Constraints.IsEmpty || node.Constraints.AsSpan().SequenceEqual(stage.Constraints.AsSpan());

    private static void CheckCount(int count, string what)
    {
        if (count is < 1 or > PartitionsMax)
        {
            throw new PlanException($"{what} has {count} partitions: 1 to {PartitionsMax} are allowed");
        }
    }

    private void UniqueNames()
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        foreach (StageBuilder stage in _stages)
        {
            string name = stage.Name ?? stage.Operators[^1].Role.ToString().ToLowerInvariant();
            string unique = name;
            for (int i = 2; !used.Add(unique); i++)
            {
                unique = $"{name}-{i}";
            }

            stage.Name = unique;
        }
    }

    private readonly record struct Output(StageBuilder Stage, int Operator, int Port);

    private sealed class StageBuilder(
        StageId id, Protection protection, int partitions, ImmutableArray<string> constraints, string? name, bool atOwner)
    {
        internal StageId Id { get; } = id;

        internal Protection Protection { get; } = protection;

        internal int PartitionCount { get; } = partitions;

        /// <summary>The author's labels; those of a stage at the owner are for what follows.</summary>
        internal ImmutableArray<string> Constraints { get; } = constraints;

        /// <summary>True when it holds nothing but a source or sink that only the owner may see.</summary>
        internal bool IsAtOwner { get; } = atOwner;

        internal string? Name { get; set; } = name;

        internal List<PlanOperator> Operators { get; } = [];

        internal bool HasSource => Operators[0].Role == OperatorRole.Source;

        internal Output Add(PlanOperator op)
        {
            Operators.Add(op);
            return new Output(this, Operators.Count - 1, 0);
        }

        /// <summary>The last name that an author gave to one of its operators is the stage's.</summary>
        internal void Rename(string? given) => Name = given ?? Name;

        internal Schema SchemaOf(int op, int port) => port == 0 ? Operators[op].Output : Operators[op].Node.Inputs[0].Schema;

        internal Stage Build() => new(
            Id, Name!, Protection, PartitionCount, [.. Operators], IsAtOwner ? [Placement.Owner] : Constraints);
    }
}
