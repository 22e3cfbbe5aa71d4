using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Streams;

/// <summary>
/// Reads canonical plans (docs/specs/plan.md) back, from wherever they come. Whatever it accepts can be made into partitions
/// that run, and is written back byte for byte.
/// </summary>
internal sealed class PlanReader
{
    private const int EdgeBytesMin = 7 * sizeof(int);
    private const int StageBytesMin = 5 * sizeof(int);
    private const int OperatorBytesMin = 3 * sizeof(int);
    private const int InputBytes = 3 * sizeof(int);

    private readonly PlanNodeReader _nodes;
    private readonly List<Stage> _stages = [];
    private Edge[] _edges = []; // without schemas until who receives is read
    private int[] _readers = []; // by edge: the operator that receives it, or -1

    private PlanReader(IPlanParts parts) => _nodes = new PlanNodeReader(parts);

    internal static Outcome<Plan> Read(ReadOnlySpan<byte> canonical, IPlanParts parts)
    {
        if (canonical.Length > PlanLimits.BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"a plan of {canonical.Length} bytes: at most {PlanLimits.BytesMax} are allowed");
        }

        PlanBytes bytes = new(canonical);
        try
        {
            Plan plan = new PlanReader(parts).ReadPlan(ref bytes);
            return plan.Digest == PlanDigest.FromBytes(SHA256.HashData(canonical))
                ? plan
                : new Failure(FailureKind.Malformed, "not a plan: it is not written in the one canonical way");
        }
        catch (PlanFormatException e)
        {
            return new Failure(e.Kind, $"not a plan that can be read here (at byte {bytes.Offset}): {e.Message}");
        }
    }

    private Plan ReadPlan(ref PlanBytes bytes)
    {
        if (bytes.Name("the format's name") != PlanCanonical.Name)
        {
            throw new PlanFormatException("it does not begin as a plan does");
        }

        int version = bytes.Int();
        if (version != PlanCanonical.FormatVersion)
        {
            throw new PlanFormatException(
                FailureKind.Mismatch, $"it has version {version} and this program reads version {PlanCanonical.FormatVersion}: compile the job again with the same release");
        }

        string job = bytes.Name("the job's name");
        _edges = ReadEdges(ref bytes);
        _readers = new int[_edges.Length];
        Array.Fill(_readers, -1);
        int stages = bytes.Count(PlanLimits.StagesMax, StageBytesMin, "stages");
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int s = 0; s < stages; s++)
        {
            Stage stage = ReadStage(ref bytes, new StageId(s));
            _stages.Add(stage);
            if (!names.Add(stage.Name))
            {
                throw new PlanFormatException($"two stages are called '{stage.Name}'");
            }
        }

        if (Array.IndexOf(_readers, -1) is >= 0 and int edge)
        {
            throw new PlanFormatException($"nothing receives edge {edge}");
        }

        return bytes.AtEnd ? new Plan(job, [.. _stages], [.. _edges]) : throw new PlanFormatException("there are bytes after the end");
    }

    private static Edge[] ReadEdges(ref PlanBytes bytes)
    {
        int count = bytes.Count(PlanLimits.EdgesMax, EdgeBytesMin, "edges");
        Edge[] edges = new Edge[count];
        Schema none = new();
        for (int e = 0; e < count; e++)
        {
            StageId from = new(bytes.Int(0, PlanLimits.StagesMax - 1, "an edge's producing stage"));
            int op = bytes.Int(0, PlanLimits.OperatorsMax - 1, "an edge's operator");
            int port = bytes.Int(0, 1, "an edge's port");
            StageId to = new(bytes.Int(0, PlanLimits.StagesMax - 1, "an edge's receiving stage"));
            Dispatch dispatch = (Dispatch)bytes.Int((int)Dispatch.Forward, (int)Dispatch.Gather, "a dispatch");
            ImmutableArray<int> keys = bytes.List(
                PlanLimits.ColumnsMax, sizeof(int), "key columns", static (ref b) => b.Int(0, PlanLimits.ColumnsMax - 1, "a key column"));
            if (keys.IsEmpty == (dispatch == Dispatch.ByKey))
            {
                throw new PlanFormatException($"edge {e} has {keys.Length} key columns for {dispatch}");
            }

            edges[e] = new Edge(new EdgeId(e), from, op, port, to, dispatch, keys, bytes.Flag("whether an edge is ordered"), none);
        }

        return edges;
    }

    private Stage ReadStage(ref PlanBytes bytes, StageId id)
    {
        string name = bytes.Name("a stage's name");
        Protection protection = (Protection)bytes.Int((int)Protection.Open, (int)Protection.Homomorphic, $"the protection of stage '{name}'");
        int partitions = bytes.Int(1, PlanLimits.PartitionsMax, $"the partitions of stage '{name}'");
        ImmutableArray<string> constraints = bytes.List(
            PlanLimits.ConstraintsMax, sizeof(int), "constraints", static (ref b) => b.Name("a constraint"));
        int count = bytes.Count(PlanLimits.OperatorsMax, OperatorBytesMin, "operators");
        if (count == 0)
        {
            throw new PlanFormatException($"stage '{name}' has no operator");
        }

        List<PlanOperator> operators = new(count);
        for (int o = 0; o < count; o++)
        {
            operators.Add(ReadOperator(ref bytes, id, partitions, operators));
        }

        foreach (Edge edge in _edges)
        {
            if (edge.To == id && _readers[edge.Id.Value] is >= 0 and int reader && edge.Ordered != EdgeOrder.Matters(operators[reader]))
            {
                throw new PlanFormatException($"edge {edge.Id} is {(edge.Ordered ? "" : "not ")}ordered, and should be otherwise");
            }
        }

        return new Stage(id, name, protection, partitions, [.. operators], constraints);
    }

    private PlanOperator ReadOperator(ref PlanBytes bytes, StageId stage, int partitions, List<PlanOperator> before)
    {
        OperatorRole role = (OperatorRole)bytes.Int((int)OperatorRole.Source, (int)OperatorRole.Sink, "an operator's role");
        ImmutableArray<PlanInput> inputs = bytes.List(
            PlanLimits.InputsMax, InputBytes, "inputs", static (ref b) => new PlanInput(b.Int(), b.Int(), b.Int()));
        bool fits = role switch
        {
            OperatorRole.Source => inputs.IsEmpty && before.Count == 0,
            OperatorRole.Merge => !inputs.IsEmpty,
            _ => inputs.Length == 1,
        };
        if (!fits || (role == OperatorRole.Sink && partitions != 1))
        {
            throw new PlanFormatException($"a {role} is operator {before.Count} of {partitions} partitions with {inputs.Length} inputs, which it cannot be");
        }

        ImmutableArray<Schema>.Builder schemas = ImmutableArray.CreateBuilder<Schema>(inputs.Length);
        foreach (PlanInput input in inputs)
        {
            (PlanOperator producer, int port) = input.Edge >= 0 ? Receive(input, stage, partitions, before) : Earlier(input, before);
            if ((producer.Role == OperatorRole.PartialAggregate) != (role == OperatorRole.FinalAggregate))
            {
                throw new PlanFormatException($"a {role} reads what a {producer.Role} gives");
            }

            schemas.Add(SchemaOf(producer, port));
        }

        Schema output = bytes.Schema(statesAllowed: role == OperatorRole.PartialAggregate);
        return new PlanOperator(role, _nodes.Read(ref bytes, role, schemas.MoveToImmutable(), output, partitions), inputs, output);
    }

    private static (PlanOperator Producer, int Port) Earlier(PlanInput input, List<PlanOperator> before) =>
        input.Edge == -1 && (uint)input.Operator < (uint)before.Count
            ? (CheckPort(before[input.Operator], input.Port), input.Port)
            : throw new PlanFormatException($"an operator reads from operator {input.Operator} and edge {input.Edge}");

    private (PlanOperator Producer, int Port) Receive(PlanInput input, StageId stage, int partitions, List<PlanOperator> before)
    {
        if (input.Edge >= _edges.Length || input.Operator != -1 || input.Port != 0 || _edges[input.Edge].To != stage || _readers[input.Edge] >= 0)
        {
            throw new PlanFormatException($"an operator of stage {stage} reads from edge {input.Edge}, which is not there for it");
        }

        if (before is [{ Role: OperatorRole.Source }, ..])
        {
            throw new PlanFormatException($"stage {stage} reads from a source and from edge {input.Edge}");
        }

        Edge edge = _edges[input.Edge];
        if (edge.From.CompareTo(stage) >= 0 || edge.Operator >= _stages[edge.From.Value].Operators.Length)
        {
            throw new PlanFormatException($"edge {edge.Id} comes from operator {edge.Operator} of stage {edge.From}, which is not before stage {stage}");
        }

        Stage from = _stages[edge.From.Value];
        PlanOperator producer = CheckPort(from.Operators[edge.Operator], edge.Port);
        Schema schema = SchemaOf(producer, edge.Port);
        bool counts = edge.Dispatch != Dispatch.Forward || from.PartitionCount == partitions;
        if (!counts || edge.KeyColumns.Any(k => k >= schema.Count || schema[k].Type.Kind == ValueKind.State))
        {
            throw new PlanFormatException($"edge {edge.Id} cannot send {edge.Dispatch} from {from.PartitionCount} partitions to {partitions}, or by its columns");
        }

        _edges[input.Edge] = edge with { Schema = schema };
        _readers[input.Edge] = before.Count;
        return (producer, edge.Port);
    }

    private static PlanOperator CheckPort(PlanOperator producer, int port) =>
        producer.Role != OperatorRole.Sink && (port == 0 || (port == 1 && producer.Role == OperatorRole.LateSplit))
            ? producer
            : throw new PlanFormatException($"a {producer.Role} has no output {port}");

    // What is late looks as what is not.
    private static Schema SchemaOf(PlanOperator producer, int port) => port == 0 ? producer.Output : producer.Node.Inputs[0].Schema;
}
