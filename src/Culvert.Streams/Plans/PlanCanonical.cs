using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>
/// The canonical form of a plan (docs/specs/plan.md): all that decides what a run computes, in one byte order, and
/// nothing else: no names of files, no number of workers.
/// </summary>
internal static class PlanCanonical
{
    internal const string Name = "culvert plan";

    internal const int FormatVersion = 2;

    internal static PlanDigest Digest(Plan plan) => PlanDigest.FromBytes(SHA256.HashData(Write(plan)));

    internal static byte[] Write(Plan plan)
    {
        ArrayBufferWriter<byte> writer = new();
        WriteText(writer, Name);
        WriteInt(writer, FormatVersion);
        WriteText(writer, plan.JobName);
        WriteAll(writer, plan.Edges, WriteEdge);
        WriteInt(writer, plan.Stages.Length);
        foreach (Stage stage in plan.Stages)
        {
            WriteText(writer, stage.Name);
            WriteInt(writer, (int)stage.Protection);
            WriteInt(writer, stage.PartitionCount);
            WriteAll(writer, stage.Constraints, WriteText);
            WriteAll(writer, stage.Operators, WriteOperator);
        }

        return writer.WrittenSpan.ToArray();
    }

    private static void WriteOperator(IBufferWriter<byte> writer, PlanOperator op)
    {
        WriteInt(writer, (int)op.Role);
        WriteAll(writer, op.Inputs, static (w, i) =>
        {
            WriteInt(w, i.Edge);
            WriteInt(w, i.Operator);
            WriteInt(w, i.Port);
        });
        WriteSchema(writer, op.Output);
        WriteNode(writer, op.Role, op.Node);
    }

    internal static void WriteNode(IBufferWriter<byte> writer, OperatorRole role, Node node)
    {
        switch (role)
        {
            case OperatorRole.Source:
                WriteText(writer, ((SourceNode)node).Source.Canonical);
                break;
            case OperatorRole.Where:
                WriteExpr(writer, ((WhereNode)node).Predicate);
                WriteAll(writer, ((WhereNode)node).Keep, WriteInt);
                break;
            case OperatorRole.Select:
                WriteAll(writer, ((SelectNode)node).Columns, WriteNamed);
                break;
            case OperatorRole.Code:
                WriteText(writer, ((CodeNode)node).Code.Identity);
                break;
            case OperatorRole.EventTime:
                WriteExpr(writer, ((EventTimeNode)node).Time);
                WriteLong(writer, ((EventTimeNode)node).Disorder.Ticks);
                break;
            case OperatorRole.PartialAggregate or OperatorRole.FinalAggregate or OperatorRole.LateSplit:
                WriteAggregate(writer, (AggregateNode)node);
                break;
            case OperatorRole.Fold:
                WriteInt(writer, node.Inputs[0].Schema.Count);
                WriteAll(writer, ((FoldNode)node).Keys, WriteNamed);
                WriteText(writer, ((FoldNode)node).Code.Identity);
                break;
            case OperatorRole.Lookup:
                WriteLookup(writer, (LookupNode)node);
                break;
            case OperatorRole.Sink:
                WriteText(writer, ((SinkNode)node).Sink.Canonical);
                break;
            case OperatorRole.Merge:
                break;
            default:
                throw new InvalidOperationException($"no canonical form for {role}");
        }
    }

    private static void WriteAggregate(IBufferWriter<byte> writer, AggregateNode node)
    {
        WriteAll(writer, node.Keys, WriteNamed);
        WriteAll(writer, node.Aggregates, static (w, a) =>
        {
            WriteText(w, a.Name);
            WriteInt(w, (int)a.Function);
            WriteInt(w, a.Argument is null ? 0 : 1);
            if (a.Argument is not null)
            {
                WriteExpr(w, a.Argument);
            }
        });
        WriteLong(writer, node.Window?.Size.Ticks ?? 0);
        WriteLong(writer, node.Window?.Slide.Ticks ?? 0);
        WriteLong(writer, node.Window?.Lateness.Ticks ?? 0);
    }

    private static void WriteLookup(IBufferWriter<byte> writer, LookupNode node)
    {
        WriteExpr(writer, node.Key);
        WriteInt(writer, node.KeepUnmatched ? 1 : 0);
        WriteText(writer, node.Table.Name);
        WriteType(writer, node.Table.Key);
        WriteSchema(writer, node.Table.Values);
        WriteInt(writer, node.Table.Rows.Count);
        foreach (KeyValuePair<object, object?[]> row in node.Table.Rows)
        {
            WriteExpr(writer, Expr.Constant(row.Key, node.Table.Key));
            for (int i = 0; i < row.Value.Length; i++)
            {
                WriteExpr(writer, Expr.Constant(row.Value[i], node.Table.Values[i].Type));
            }
        }
    }

    private static void WriteEdge(IBufferWriter<byte> writer, Edge edge)
    {
        WriteInt(writer, edge.From.Value);
        WriteInt(writer, edge.Operator);
        WriteInt(writer, edge.Port);
        WriteInt(writer, edge.To.Value);
        WriteInt(writer, (int)edge.Dispatch);
        WriteAll(writer, edge.KeyColumns, WriteInt);
        WriteInt(writer, edge.Ordered ? 1 : 0);
    }

    internal static void WriteSchema(IBufferWriter<byte> writer, Schema schema) =>
        WriteAll(writer, schema.Fields, static (w, f) =>
        {
            WriteText(w, f.Name);
            WriteType(w, f.Type);
        });

    private static void WriteType(IBufferWriter<byte> writer, ColumnType type)
    {
        WriteInt(writer, (int)type.Kind);
        WriteInt(writer, type.Nullable ? 1 : 0);
    }

    private static void WriteNamed(IBufferWriter<byte> writer, NamedExpr named)
    {
        WriteText(writer, named.Name);
        WriteExpr(writer, named.Value);
    }

    private static void WriteExpr(IBufferWriter<byte> writer, Expr expr)
    {
        ArrayBufferWriter<byte> bytes = new();
        expr.WriteCanonical(bytes);
        WriteInt(writer, bytes.WrittenCount);
        writer.Write(bytes.WrittenSpan);
    }

    internal static void WriteAll<T>(IBufferWriter<byte> writer, ImmutableArray<T> items, Action<IBufferWriter<byte>, T> write)
    {
        WriteInt(writer, items.Length);
        foreach (T item in items)
        {
            write(writer, item);
        }
    }

    internal static void WriteText(IBufferWriter<byte> writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteInt(writer, bytes.Length);
        writer.Write(bytes);
    }

    internal static void WriteInt(IBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }

    private static void WriteLong(IBufferWriter<byte> writer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), value);
        writer.Advance(sizeof(long));
    }
}
