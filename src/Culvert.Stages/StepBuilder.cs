using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Puts the operators of a partition together as the plan has them.</summary>
internal sealed class StepBuilder
{
    internal StepBuilder(
        Plan plan, Stage stage, PartitionId partition, IFrameSink frames, IStageServices services, Func<EdgeId, Secret?>? dispatchKeys)
    {
        Operators = new Operator[stage.Operators.Length];
        Entries = new (Operator, int)[plan.Edges.Length];
        for (int i = 0; i < Operators.Length; i++)
        {
            Operators[i] = Create(plan, stage, i, partition, services);
            for (int input = 0; input < stage.Operators[i].Inputs.Length; input++)
            {
                PlanInput from = stage.Operators[i].Inputs[input];
                if (from.Operator >= 0)
                {
                    Operators[from.Operator].Connect(from.Port, new OperatorTarget(Operators[i], input));
                }
                else
                {
                    Entries[from.Edge] = (Operators[i], input);
                    Edge edge = plan.Edges[from.Edge];
                    int producers = plan.Stages[edge.From.Value].PartitionCount;
                    for (int p = 0; p < producers; p++)
                    {
                        Channels.Add(new Channel(edge.Id, new Producer(edge.From, new PartitionId(p))));
                    }
                }
            }
        }

        Outputs =
        [
            .. plan.Edges.Where(e => e.From == stage.Id).Select(e => new EdgeOutput(
                e, new Producer(stage.Id, partition), plan.Stages[e.To.Value].PartitionCount, frames, dispatchKeys?.Invoke(e.Id))),
        ];
        foreach (EdgeOutput output in Outputs)
        {
            Operators[output.Operator].Connect(plan.Edges[output.Id.Value].Port, output);
        }
    }

    internal Operator[] Operators { get; }

    internal (Operator Operator, int Input)[] Entries { get; }

    internal EdgeOutput[] Outputs { get; }

    internal List<Channel> Channels { get; } = [];

    private static Operator Create(Plan plan, Stage stage, int index, PartitionId partition, IStageServices services)
    {
        PlanOperator op = stage.Operators[index];
        string description = $"{stage.Name}: {op.Role}";
        return op.Role switch
        {
            OperatorRole.Source => new MergeOperator(op.Output) { Description = description },
            OperatorRole.Merge => new MergeOperator(op.Output) { Description = description },
            OperatorRole.Where => new WhereOperator((WhereNode)op.Node) { Description = $"{stage.Name}: where {((WhereNode)op.Node).Predicate}" },
            OperatorRole.Select => new SelectOperator((SelectNode)op.Node) { Description = description },
            OperatorRole.Code => new CodeOperator((CodeNode)op.Node, Seeds()) { Description = $"{stage.Name}: {((CodeNode)op.Node).Code.Description}" },
            OperatorRole.EventTime => new EventTimeOperator((EventTimeNode)op.Node) { Description = description },
            OperatorRole.Lookup => new LookupOperator((LookupNode)op.Node) { Description = description },
            OperatorRole.PartialAggregate => new PartialAggregateOperator((AggregateNode)op.Node, op.Node.Inputs[0].Schema, op.Output) { Description = description },
            OperatorRole.FinalAggregate when ((AggregateNode)op.Node).Window is not null =>
                new WindowAggregateOperator((AggregateNode)op.Node, services.StateBudget) { Description = description },
            OperatorRole.FinalAggregate => new FinalAggregateOperator((AggregateNode)op.Node, services.StateBudget) { Description = description },
            OperatorRole.LateSplit => new LateSplitOperator((AggregateNode)op.Node, op.Output) { Description = description },
            OperatorRole.Fold => new FoldOperator((FoldNode)op.Node, Seeds(), services.StateBudget) { Description = $"{stage.Name}: {((FoldNode)op.Node).Code.Description}" },
            OperatorRole.Sink => new SinkOperator((SinkNode)op.Node, partition, services) { Description = description },
            _ => throw new InvalidOperationException($"no operator for {op.Role}"),
        };

        BatchSeeds Seeds() => new(plan.ComputationDigest, plan.NumberOf(stage.Id, index), partition);
    }
}
