using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Streams;

/// <summary>
/// What a plan computes, whatever its protection (docs/specs/plan.md): its operators in an order that follows from what
/// they read alone, without stages, names, protections and constraints. A stage that is cut in two for its protection
/// leaves it as it was.
/// </summary>
internal sealed class PlanComputation
{
    private const byte FormatVersion = 1;

    private readonly Plan _plan;
    private readonly Dictionary<(int Stage, int Operator), int> _numbers = [];
    private readonly List<(int Stage, int Operator)> _order = [];

    internal PlanComputation(Plan plan)
    {
        _plan = plan;
        foreach (Stage stage in plan.Stages)
        {
            for (int i = 0; i < stage.Operators.Length; i++)
            {
                if (stage.Operators[i].Role == OperatorRole.Sink)
                {
                    Number((stage.Id.Value, i));
                }
            }
        }

        Digest = PlanDigest.FromBytes(SHA256.HashData(Write()));
    }

    internal PlanDigest Digest { get; }

    internal int NumberOf(StageId stage, int op) => _numbers[(stage.Value, op)];

    /// <summary>Numbers an operator behind all that it reads from, in the order in which it names them.</summary>
    private void Number((int Stage, int Operator) from)
    {
        Stack<((int Stage, int Operator) At, int Input)> path = new();
        path.Push((from, 0));
        while (path.TryPop(out ((int Stage, int Operator) At, int Input) step))
        {
            if (_numbers.ContainsKey(step.At))
            {
                continue;
            }

            ImmutableArray<PlanInput> inputs = OperatorAt(step.At).Inputs;
            if (step.Input < inputs.Length)
            {
                path.Push((step.At, step.Input + 1));
                path.Push((OriginOf(step.At.Stage, inputs[step.Input]).At, 0));
            }
            else
            {
                _numbers.Add(step.At, _order.Count);
                _order.Add(step.At);
            }
        }
    }

    private byte[] Write()
    {
        ArrayBufferWriter<byte> writer = new();
        PlanCanonical.WriteText(writer, "culvert computation");
        PlanCanonical.WriteInt(writer, FormatVersion);
        PlanCanonical.WriteText(writer, _plan.JobName);
        PlanCanonical.WriteInt(writer, _order.Count);
        foreach ((int Stage, int Operator) at in _order)
        {
            PlanOperator op = OperatorAt(at);
            PlanCanonical.WriteInt(writer, (int)op.Role);
            PlanCanonical.WriteInt(writer, _plan.Stages[at.Stage].PartitionCount);
            PlanCanonical.WriteInt(writer, op.Inputs.Length);
            foreach (PlanInput input in op.Inputs)
            {
                ((int Stage, int Operator) origin, int port, Edge? edge) = OriginOf(at.Stage, input);
                PlanCanonical.WriteInt(writer, _numbers[origin]);
                PlanCanonical.WriteInt(writer, port);
                PlanCanonical.WriteInt(writer, (int)(edge?.Dispatch ?? Dispatch.Forward));
                PlanCanonical.WriteAll(writer, edge?.KeyColumns ?? [], PlanCanonical.WriteInt);
            }

            PlanCanonical.WriteSchema(writer, op.Output);
            PlanCanonical.WriteNode(writer, op.Role, op.Node);
        }

        return writer.WrittenSpan.ToArray();
    }

    private PlanOperator OperatorAt((int Stage, int Operator) at) => _plan.Stages[at.Stage].Operators[at.Operator];

    private ((int Stage, int Operator) At, int Port, Edge? Edge) OriginOf(int stage, PlanInput input)
    {
        if (input.Operator >= 0)
        {
            return ((stage, input.Operator), input.Port, null);
        }

        Edge edge = _plan.Edges[input.Edge];
        return ((edge.From.Value, edge.Operator), edge.Port, edge);
    }
}
