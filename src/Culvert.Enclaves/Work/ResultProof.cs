using System.Buffers;
using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// Which partitions of a plan state what the result is (docs/specs/proof.md): those of the last stages in enclaves, before the
/// sink. It follows from the plan alone, so that all workers say the same.
/// </summary>
public sealed class ResultProof
{
    private readonly HashSet<EdgeId> _edges;

    private ResultProof(Stage? sinkStage, ImmutableArray<ResultPart> parts, HashSet<EdgeId> edges, Schema schema)
    {
        (SinkStage, Parts, _edges) = (sinkStage, parts, edges);
        Columns = [.. schema.Fields.Select(f => new ResultColumn(f.Name, f.Type.ToString()))];
    }

    /// <summary>The stages whose rows make the result together.</summary>
    public ImmutableArray<ResultPart> Parts { get; }

    /// <summary>The result's columns.</summary>
    public ImmutableArray<ResultColumn> Columns { get; }

    /// <summary>Stages in the open from which rows come into enclaves.</summary>
    public ImmutableArray<string> OpenBefore { get; private init; } = [];

    /// <summary>The stage of the sink, if it is in an enclave.</summary>
    private Stage? SinkStage { get; }

    /// <summary>Why a plan's result cannot be proven, or how it is.</summary>
    public static Outcome<ResultProof> Of(Plan plan)
    {
        Stage[] sinks = [.. plan.Stages.Where(s => s.Operators.Any(o => o.Node is SinkNode))];
        if (sinks.Length != 1 || sinks[0].Operators.Count(o => o.Node is SinkNode) != 1)
        {
            return new Failure(FailureKind.Mismatch, $"a result is proven of a job that has one; this one has {sinks.Length}");
        }

        Stage sink = sinks[0];
        Schema schema = sink.Operators.First(o => o.Node is SinkNode).Node.Schema;
        ImmutableArray<string> before = [.. plan.Edges
            .Where(e => !InEnclave(plan, e.From) && InEnclave(plan, e.To)).Select(e => plan.Stages[e.From.Value].Name).Distinct(StringComparer.Ordinal)];
        if (InEnclave(plan, sink.Id))
        {
            return new ResultProof(sink, [new ResultPart(sink.Id, sink.PartitionCount)], [], schema) { OpenBefore = before };
        }

        // Backwards from the sink to the first enclaves.
        HashSet<StageId> open = [];
        HashSet<EdgeId> edges = [];
        Queue<StageId> next = new([sink.Id]);
        while (next.TryDequeue(out StageId stage))
        {
            if (!open.Add(stage))
            {
                continue;
            }

            foreach (Edge edge in plan.Edges.Where(e => e.To == stage))
            {
                if (InEnclave(plan, edge.From))
                {
                    edges.Add(edge.Id);
                }
                else
                {
                    next.Enqueue(edge.From);
                }
            }
        }

        if (edges.Count == 0)
        {
            return new Failure(FailureKind.Mismatch, "no rows of the result come from an enclave, so there is nothing to prove");
        }

        if (open.Order().Select(s => plan.Stages[s.Value]).FirstOrDefault(DoesMoreThanWrite) is { } computes)
        {
            return new Failure(FailureKind.Mismatch, $"the stage '{computes.Name}' computes in the open behind the enclaves: what they could state is not the result");
        }

        return new ResultProof(
            null,
            [.. edges.Select(e => plan.Edges[e.Value].From).Distinct().Order().Select(s => new ResultPart(s, plan.Stages[s.Value].PartitionCount))],
            edges,
            schema)
        {
            OpenBefore = before,
        };
    }

    /// <summary>Whether a stage runs in an enclave, wherever the others do.</summary>
    public static bool InEnclave(Stage stage) => stage.Protection == Protection.Enclave && !stage.Constraints.Contains(Placement.Owner);

    internal bool IsOf(StageId stage) => Parts.Any(part => part.Stage == stage);

    /// <summary>Whether rows that are sent on an edge are the result's.</summary>
    internal bool IsOf(EdgeId edge) => _edges.Contains(edge);

    /// <summary>Whether rows that are written by a stage's sink are the result's.</summary>
    internal bool IsWrittenBy(StageId stage) => SinkStage?.Id == stage;

    private static bool InEnclave(Plan plan, StageId stage) => InEnclave(plan.Stages[stage.Value]);

    private static bool DoesMoreThanWrite(Stage stage) => stage.Operators.Any(o => o.Node is not (SinkNode or MergeNode));
}
