using System.Buffers;
using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// The payload of an edge's data frames: a batch as docs/specs/batch.md has it. States of aggregates are known by the
/// operator that reads the edge. Thread safe.
/// </summary>
public sealed class FrameCodec
{
    private readonly Schema _schema;
    private readonly States? _states;

    /// <summary>The codec of an edge of a plan.</summary>
    public FrameCodec(Plan plan, EdgeId edge)
    {
        _schema = plan.Edges[edge.Value].Schema;
        if (_schema.Fields.Any(f => f.Type.Kind == ValueKind.State))
        {
            PlanOperator reader = plan.Stages[plan.Edges[edge.Value].To.Value].Operators
                .Single(o => o.Role == OperatorRole.FinalAggregate && o.Inputs.Any(i => i.Edge == edge.Value));
            AggregateNode aggregate = (AggregateNode)reader.Node;
            _states = new States(_schema.Count - aggregate.States.Length, aggregate.States);
        }
    }

    /// <summary>Writes a batch of the edge, which stays the caller's.</summary>
    public void Write(Batch batch, IBufferWriter<byte> writer)
    {
        Invariant.Holds(batch.Columns.Length == _schema.Count);
        BatchCodec.Write(batch, writer);
    }

    /// <summary>Reads a payload that is one batch of the edge and nothing else; its arrays are pooled.</summary>
    /// <param name="payload">The payload in the clear; nothing of it is kept.</param>
    /// <param name="recordCount">The rows that it must have.</param>
    /// <returns>The batch, which is the caller's to dispose, or <see cref="FailureKind.Malformed"/>.</returns>
    public Outcome<Batch> Read(ReadOnlySpan<byte> payload, int recordCount)
    {
        Outcome<Batch> read = BatchCodec.Read(_schema, payload, out int consumed, _states, ColumnPool.Shared);
        if (!read.Succeeded || (consumed == payload.Length && read.Value.Count == recordCount))
        {
            return read;
        }

        int count = read.Value.Count;
        read.Value.Dispose();
        return new Failure(
            FailureKind.Malformed,
            $"a batch cannot be read: it has {count} rows in {consumed} bytes, where {recordCount} in {payload.Length} are expected");
    }

    private sealed class States(int first, ImmutableArray<AggregateColumn> aggregates) : IStateColumns
    {
        private readonly Accumulator[] _accumulators = [.. aggregates.Select(Accumulator.Create)];

        public int StateBytes(int column) => _accumulators[column - first].StateBytes;

        public Column? Read(int column, ReadOnlySpan<byte> states, int count, ColumnPool pool) =>
            _accumulators[column - first].ReadStates(states, count, pool);
    }
}
