using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// Cuts a job's nodes into stages. A stage ends where rows have to change partition: before a keyed aggregate, a fold, a
/// merge, a change of protection, or where the author set it apart. Aggregates are split in two: states of a round are
/// made where the rows are, and merged where the key lives.
/// </summary>
internal sealed class Planner(Job job)
{
    private const int PartitionsMax = 1024;

    private readonly List<StageBuilder> _stages = [];
    private readonly List<Edge> _edges = [];
    private readonly Dictionary<Node, Output> _outputs = [];
    private readonly Dictionary<AggregateNode, Output> _late = [];
    private HashSet<AggregateNode> _withLate = [];

    internal Plan Compile()
    {
        if (job.Sinks.IsEmpty)
        {
            throw new PlanException($"the job '{job.Name}' has no sink: nothing would come of it");
        }

        CheckCount(job.KeyPartitions, "the job");
        ImmutableArray<SinkNode> sinks = ColumnPruner.Prune(job);
        _withLate = [.. Reachable(sinks).OfType<LateNode>().Select(l => l.Window)];
        foreach (SinkNode sink in sinks)
        {
            Build(sink);
        }

        MarkOrder();
        UniqueNames();
        return new Plan(job, [.. _stages.Select(s => s.Build())], [.. _edges]);
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
            SinkNode => BuildSink(node),
            _ => throw new InvalidOperationException($"no plan for {node.GetType().Name}"),
        };
        _outputs[node] = output;
        return output;
    }

    private Output BuildSource(SourceNode source)
    {
        CheckCount(source.Source.PartitionCount, $"the source {source.Source.Description}");
        StageBuilder stage = NewStage(source, source.Source.PartitionCount, source.Name ?? "source");
        return stage.Add(new PlanOperator(OperatorRole.Source, source, [], source.Schema));
    }

    /// <summary>Puts an operator behind its input, in the same stage unless something sets it apart.</summary>
    private Output Append(Node node, OperatorRole role)
    {
        Output input = Build(node.Inputs[0]);
        StageBuilder stage = input.Stage;
        PlanInput from = PlanInput.FromOperator(input.Operator, input.Port);
        if (node.Apart || ProtectionOf(node) != stage.Protection || !Fits(node, stage))
        {
            stage = NewStage(node, stage.PartitionCount, node.Name);
            from = Connect(input, stage, Dispatch.Forward, []);
        }

        stage.Rename(node.Name);
        return stage.Add(new PlanOperator(role, node, [from], node.Schema));
    }

    private Output BuildAggregate(AggregateNode node)
    {
        Output input = Build(node.Inputs[0]);
        Schema partial = PartialSchema(node);
        ImmutableArray<int> keys = [.. Enumerable.Range(0, node.Keys.Length)];
        int partitions = node.Keys.IsEmpty ? 1 : job.KeyPartitions;
        Dispatch dispatch = node.Keys.IsEmpty ? Dispatch.Gather : Dispatch.ByKey;
        StageBuilder stage = NewStage(node, partitions, node.Name ?? (node.Window is null ? "aggregate" : "window"));
        if (_withLate.Contains(node))
        {
            // What is late is decided where the watermark of all producers is known: at the key's partition.
            PlanInput raw = ConnectByExpressions(input, stage, node.Keys, node);
            Output split = stage.Add(new PlanOperator(OperatorRole.LateSplit, node, [raw], node.Inputs[0].Schema));
            _late[node] = split with { Port = 1 };
            Output local = stage.Add(new PlanOperator(
                OperatorRole.PartialAggregate, node, [PlanInput.FromOperator(split.Operator, 0)], partial));
            return stage.Add(new PlanOperator(
                OperatorRole.FinalAggregate, node, [PlanInput.FromOperator(local.Operator, 0)], node.Schema));
        }

        Output states = input.Stage.Add(new PlanOperator(
            OperatorRole.PartialAggregate, node, [PlanInput.FromOperator(input.Operator, input.Port)], partial));
        PlanInput from = Connect(states, stage, dispatch, keys);
        return stage.Add(new PlanOperator(OperatorRole.FinalAggregate, node, [from], node.Schema));
    }

    /// <summary>The columns of states: the keys, the pane's start for windows, and a state per aggregate.</summary>
    private static Schema PartialSchema(AggregateNode node) => new(
        [
            .. node.Keys.Select(k => k.Field),
            .. node.Window is null ? (IEnumerable<Field>)[] : [new Field("$pane", new ColumnType(ValueKind.DateTime))],
            .. node.States.Select((a, i) => new Field(
                $"${i}",
                a is { Argument.Type.IsBytes: true, Function: AggregateFunction.Min or AggregateFunction.Max }
                    ? a.Argument!.Type.AsNullable()
                    : new ColumnType(ValueKind.State))),
        ]);

    private Output BuildFold(FoldNode node)
    {
        Output input = Build(node.Inputs[0]);
        StageBuilder stage = NewStage(node, node.Keys.IsEmpty ? 1 : job.KeyPartitions, node.Name ?? "fold");
        PlanInput from = ConnectByExpressions(input, stage, node.Keys, node);
        return stage.Add(new PlanOperator(OperatorRole.Fold, node, [from], node.Schema));
    }

    /// <summary>
    /// Sends rows by the values of expressions. Keys that are not columns of the input are computed in front of the edge
    /// and dropped behind it by whoever reads: the receiver's operators know the input's columns by their indexes.
    /// </summary>
    private PlanInput ConnectByExpressions(Output input, StageBuilder stage, ImmutableArray<NamedExpr> keys, Node reader)
    {
        if (keys.IsEmpty)
        {
            return Connect(input, stage, Dispatch.Gather, []);
        }

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
            input = input.Stage.Add(new PlanOperator(
                OperatorRole.Select, select, [PlanInput.FromOperator(input.Operator, input.Port)], select.Schema));
        }

        return Connect(input, stage, Dispatch.ByKey, keyColumns.ToImmutable());
    }

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
        Output input = Build(node.Inputs[0]);
        int count = node.Dispatch == Dispatch.Gather ? 1 : node.Count ?? job.KeyPartitions;
        CheckCount(count, "a partitioning");
        StageBuilder stage = NewStage(node, count, node.Name ?? "partition");
        PlanInput from = node.Dispatch == Dispatch.ByKey
            ? ConnectByExpressions(input, stage, node.Keys, node)
            : Connect(input, stage, node.Dispatch, []);
        return stage.Add(new PlanOperator(OperatorRole.Merge, node, [from], node.Schema));
    }

    private Output BuildSink(Node node)
    {
        Output input = Build(node.Inputs[0]);
        StageBuilder stage = input.Stage;
        PlanInput from = PlanInput.FromOperator(input.Operator, input.Port);
        if (stage.PartitionCount > 1 || stage.HasSource)
        {
            stage = NewStage(node, 1, node.Name ?? "sink");
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

    /// <summary>
    /// An edge is ordered unless all that reads it is an aggregate whose states are the same in whatever order they are
    /// merged: then nothing that leaves the stage depends on which frame came first.
    /// </summary>
    private void MarkOrder()
    {
        for (int e = 0; e < _edges.Count; e++)
        {
            StageBuilder to = _stages[_edges[e].To.Value];
            bool free = to.Operators
                .Where(o => o.Inputs.Any(i => i.Edge == e))
                .All(o => o.Role == OperatorRole.FinalAggregate && ((AggregateNode)o.Node).IsOrderFree);
            _edges[e] = _edges[e] with { Ordered = !free };
        }
    }

    private StageBuilder NewStage(Node node, int partitions, string? name)
    {
        StageBuilder stage = new(new StageId(_stages.Count), ProtectionOf(node), partitions, node.Constraints, name);
        _stages.Add(stage);
        return stage;
    }

    private Protection ProtectionOf(Node node) => node.Protection ?? job.Protection;

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
        StageId id, Protection protection, int partitions, ImmutableArray<string> constraints, string? name)
    {
        internal StageId Id { get; } = id;

        internal Protection Protection { get; } = protection;

        internal int PartitionCount { get; } = partitions;

        internal ImmutableArray<string> Constraints { get; } = constraints;

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

        internal Stage Build() => new(Id, Name!, Protection, PartitionCount, [.. Operators], Constraints);
    }
}
