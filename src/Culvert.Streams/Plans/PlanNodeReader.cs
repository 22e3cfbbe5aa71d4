using System.Collections.Immutable;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>Reads what an operator of a canonical plan does, as the node that it came from over inputs of which only the schema is known.</summary>
internal sealed class PlanNodeReader(IPlanParts parts)
{
    private const int AggregateBytesMin = 3 * sizeof(int);

    /// <summary>An identity is quoted in a message up to here.</summary>
    private const int QuotedMax = 200;

    private int _sources;
    private int _sinks;

    /// <summary>The node of an operator that delivers <paramref name="output"/>; there is one schema per input.</summary>
    internal Node Read(ref PlanBytes bytes, OperatorRole role, ImmutableArray<Schema> inputs, Schema output, int partitions)
    {
        Node node = role switch
        {
            OperatorRole.Source => ReadSource(ref bytes, output, partitions),
            OperatorRole.Where => ReadWhere(ref bytes, inputs[0]),
            OperatorRole.Select => ReadSelect(ref bytes, inputs[0]),
            OperatorRole.Code => ReadCode(ref bytes, inputs[0], output),
            OperatorRole.EventTime => ReadEventTime(ref bytes, inputs[0]),
            OperatorRole.PartialAggregate => ReadAggregate(ref bytes, inputs[0]),
            OperatorRole.FinalAggregate => ReadAggregate(ref bytes, null),
            OperatorRole.LateSplit => ReadAggregate(ref bytes, CheckPrefix(output, inputs[0])),
            OperatorRole.Fold => ReadFold(ref bytes, inputs[0], output),
            OperatorRole.Merge => ReadMerge(inputs, output),
            OperatorRole.Lookup => ReadLookup(ref bytes, inputs[0]),
            _ => ReadSink(ref bytes, inputs[0]),
        };
        Schema delivered = (role, node) switch
        {
            (OperatorRole.PartialAggregate, AggregateNode aggregate) => aggregate.StateSchema,
            (OperatorRole.LateSplit, AggregateNode { Window: not null }) => node.Inputs[0].Schema,
            (OperatorRole.LateSplit, _) => throw new PlanFormatException("nothing is late without windows"),
            _ => node.Schema,
        };
        if (role == OperatorRole.FinalAggregate)
        {
            Require(((AggregateNode)node).StateSchema.Equals(inputs[0]), "an aggregate merges states that are not its own");
        }

        Require(delivered.Equals(output), $"a {role} delivers other columns than it says");
        return node;
    }

    private SourceNode ReadSource(ref PlanBytes bytes, Schema output, int partitions)
    {
        string canonical = bytes.Identity("a source's text");
        SourceSpec spec = parts.Source(_sources++, canonical, output, partitions) ?? throw Unknown("source", canonical);
        Require(spec.Canonical == canonical && spec.PartitionCount == partitions, $"the source '{Quoted(canonical)}' is given as another one");
        return new SourceNode(spec, output);
    }

    private SinkNode ReadSink(ref PlanBytes bytes, Schema input)
    {
        string canonical = bytes.Identity("a sink's text");
        SinkSpec spec = parts.Sink(_sinks++, canonical, input) ?? throw Unknown("sink", canonical);
        Require(spec.Canonical == canonical, $"the sink '{Quoted(canonical)}' is given as another one");
        return new SinkNode(new InputNode(input), spec);
    }

    private static WhereNode ReadWhere(ref PlanBytes bytes, Schema input)
    {
        Expr predicate = bytes.Expression(input);
        Require(predicate.Type.Kind == ValueKind.Bool, $"a predicate is a bool, and not {predicate.Type}");
        ImmutableArray<int> keep = bytes.List(PlanLimits.ColumnsMax, sizeof(int), "columns that are kept", static (ref b) => b.Int());
        for (int i = 0; i < keep.Length; i++)
        {
            Require(keep[i] < input.Count && keep[i] > (i == 0 ? -1 : keep[i - 1]), "columns that are kept are not in their order");
        }

        return new WhereNode(new InputNode(input), predicate, keep);
    }

    private static SelectNode ReadSelect(ref PlanBytes bytes, Schema input)
    {
        ImmutableArray<NamedExpr> columns = bytes.NamedExpressions(input, "columns");
        return Made(() => new SelectNode(new InputNode(input), columns));
    }

    private CodeNode ReadCode(ref PlanBytes bytes, Schema input, Schema output)
    {
        string identity = bytes.Identity("a code's identity");
        Code code = parts.Code(identity, input, output) ?? throw Unknown("code", identity);
        Require(
            code.Identity == identity && code.Input.Equals(input) && code.Output.Equals(output),
            $"the code '{Quoted(identity)}' is given as another one");
        return new CodeNode(new InputNode(input), code);
    }

    private FoldNode ReadFold(ref PlanBytes bytes, Schema input, Schema output)
    {
        // Behind the columns that it reads may be some that were only there to choose a partition.
        int columns = bytes.Int(0, input.Count, "the columns that a fold reads");
        Schema read = columns == input.Count ? input : new Schema(input.Fields.Take(columns));
        ImmutableArray<NamedExpr> keys = bytes.NamedExpressions(read, "keys");
        string identity = bytes.Identity("a code's identity");
        Require(keys.Length <= output.Count, "a fold delivers fewer columns than it has keys");
        Schema results = new(output.Fields.Skip(keys.Length));
        FoldCode code = parts.Fold(identity, read, results) ?? throw Unknown("code", identity);
        Require(
            code.Identity == identity && code.Input.Equals(read) && code.Output.Equals(results),
            $"the code '{Quoted(identity)}' is given as another one");
        return Made(() => new FoldNode(new InputNode(read), keys, code));
    }

    private static EventTimeNode ReadEventTime(ref PlanBytes bytes, Schema input)
    {
        Expr time = bytes.Expression(input);
        Require(TypeRules.IsMoment(time.Type.Kind), $"an event's time is a moment, and not {time.Type}");
        long disorder = bytes.Long();
        Require(disorder >= 0, "a disorder below zero");
        return new EventTimeNode(new InputNode(input), time, TimeSpan.FromTicks(disorder));
    }

    /// <summary>Reads an aggregate; <paramref name="input"/> is null for one that merges states, whose expressions are worked out elsewhere.</summary>
    private static AggregateNode ReadAggregate(ref PlanBytes bytes, Schema? input)
    {
        ImmutableArray<NamedExpr> keys = bytes.NamedExpressions(input, "keys");
        int count = bytes.Count(PlanLimits.ColumnsMax, AggregateBytesMin, "aggregates");
        ImmutableArray<AggregateColumn>.Builder aggregates = ImmutableArray.CreateBuilder<AggregateColumn>(count);
        for (int i = 0; i < count; i++)
        {
            string name = bytes.Name("an aggregate's name");
            AggregateFunction function = (AggregateFunction)bytes.Int((int)AggregateFunction.Count, (int)AggregateFunction.Average, "an aggregate's function");
            Expr? argument = bytes.Flag("whether an aggregate has an argument") ? bytes.Expression(input) : null;
            aggregates.Add(Made(() => new AggregateColumn(name, function, argument)));
        }

        (long size, long slide, long lateness) = (bytes.Long(), bytes.Long(), bytes.Long());
        WindowSpec? window = (size, slide, lateness) == (0, 0, 0)
            ? null
            : Made(() => WindowSpec.Sliding(TimeSpan.FromTicks(size), TimeSpan.FromTicks(slide), TimeSpan.FromTicks(lateness)));
        Require(
            window is null || input is null || (input.IndexOf(Node.EventTimeColumn) is >= 0 and int time && input[time].Type == new ColumnType(ValueKind.DateTime)),
            "a window is over events without a time");
        ImmutableArray<AggregateColumn> columns = aggregates.MoveToImmutable();
        return Made(() => new AggregateNode(new InputNode(input ?? new Schema()), keys, columns, window));
    }

    private static MergeNode ReadMerge(ImmutableArray<Schema> inputs, Schema output)
    {
        foreach (Schema input in inputs)
        {
            CheckPrefix(output, input);
        }

        return new MergeNode(new InputNode(output));
    }

    private static LookupNode ReadLookup(ref PlanBytes bytes, Schema input)
    {
        Expr key = bytes.Expression(input);
        bool keepUnmatched = bytes.Flag("whether a lookup keeps what it does not find");
        string name = bytes.Name("a table's name");
        ColumnType keyType = bytes.Type();
        Require(key.Type.Kind == keyType.Kind, $"a key of type {key.Type} is looked up among keys of type {keyType}");
        Schema values = bytes.Schema();
        int count = bytes.Count(LookupTable.RowsMax, sizeof(int) * (1 + values.Count), "rows of a table");
        List<KeyValuePair<object, object?[]>> rows = new(count);
        for (int r = 0; r < count; r++)
        {
            object rowKey = bytes.Constant(keyType) ?? throw new PlanFormatException("a key of a table is missing");
            object?[] row = new object?[values.Count];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = bytes.Constant(values[i].Type);
            }

            rows.Add(KeyValuePair.Create(rowKey, row));
        }

        return Made(() => new LookupNode(new InputNode(input), key, new LookupTable(name, keyType, values, rows), keepUnmatched));
    }

    /// <summary>The schema of the leading columns of an input; what follows them was only there to choose a partition.</summary>
    private static Schema CheckPrefix(Schema prefix, Schema input)
    {
        Require(
            prefix.Count <= input.Count && prefix.Fields.AsSpan().SequenceEqual(input.Fields.AsSpan(0, prefix.Count)),
            "an operator passes columns on that it does not get");
        return prefix;
    }

    /// <summary>Nodes refuse what they cannot be with <see cref="ArgumentException"/>.</summary>
    private static T Made<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw new PlanFormatException(e.Message);
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new PlanFormatException(otherwise);
        }
    }

    private static PlanFormatException Unknown(string what, string identity) =>
        new(FailureKind.Missing, $"the {what} '{Quoted(identity)}' is not known here");

    private static string Quoted(string identity) => identity.Length <= QuotedMax ? identity : identity[..QuotedMax] + "…";
}
