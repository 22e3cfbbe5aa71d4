using System.Collections.Immutable;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.JobFiles.Reading;

/// <summary>Reads stages.</summary>
internal sealed class StageReader
{
    private readonly ReadingState _state;
    private readonly ExpressionPlaces _expressions;
    private readonly AggregateReader _aggregates;
    private readonly LuaReader _lua;

    internal StageReader(ReadingState state)
    {
        _state = state;
        _expressions = new ExpressionPlaces(state);
        _aggregates = new AggregateReader(state, _expressions);
        _lua = new LuaReader(state, _expressions);
    }

    /// <summary>The node of a stage; null when it cannot be made, or when what it reads from could not.</summary>
    internal Node? Read(Section stage, Node? above, bool hasAbove)
    {
        Node? bare = stage.Has("merge") ? ReadMerge(stage)
            : ReadFrom(stage, above, hasAbove) is { } input ? ReadOperation(stage, input)
            : null;
        if (bare is null)
        {
            return null;
        }

        Node node = bare.With(
            stage.Text("name"),
            ReadProtection(stage),
            [.. stage.Scalars("constraints").Select(s => s.Value).Distinct().Order(StringComparer.Ordinal)],
            stage.Flag("apart"));
        if (node is AggregateNode { Window: not null } window && stage.Scalar("late") is { } late)
        {
            _state.Define(late.Value, late.Place, new LateNode(window).With(late.Value));
        }

        return node;
    }

    internal static Protection? ReadProtection(Section section) => section.Text("protection") switch
    {
        "open" => Protection.Open,
        "sealed" => Protection.Sealed,
        "enclave" => Protection.Enclave,
        "homomorphic" => Protection.Homomorphic,
        _ => null,
    };

    private Node? ReadFrom(Section stage, Node? above, bool hasAbove)
    {
        if (stage.Scalar("from") is { } from)
        {
            return _state.Find(from)?.Node;
        }

        if (!stage.Has("from") && !hasAbove)
        {
            _state.Diagnostics.Error(stage.Map.Place, "'from' is missing: there is no stage above and more than one source, so say what this stage reads from");
        }

        return above;
    }

    private Node? ReadOperation(Section stage, Node input) =>
        stage.Has("where") ? ReadWhere(stage, input)
        : stage.Has("select") ? ReadSelect(stage, input)
        : stage.Has("aggregate") ? _aggregates.Read(stage, input)
        : stage.Has("event time") ? ReadEventTime(stage, input)
        : stage.Has("lookup") ? ReadLookup(stage, input)
        : stage.Has("partition by") ? ReadPartitionBy(stage, input)
        : stage.Has("dispatch") ? ReadDispatch(stage, input)
        : stage.Inner("lua") is { } lua ? _lua.Read(lua, input)
        : null;

    private WhereNode? ReadWhere(Section stage, Node input)
    {
        return stage.Scalar("where") is { } scalar && _expressions.Read(scalar, input, new ColumnType(ValueKind.Bool)) is { } predicate
            ? new WhereNode(input, predicate)
            : null;
    }

    private SelectNode? ReadSelect(Section stage, Node input)
    {
        if (_expressions.ReadNamed(stage.Node("select"), input) is not { } columns)
        {
            return null;
        }

        // Events keep their time, or no window could follow a selection.
        if (input.Schema.IndexOf(Node.EventTimeColumn) >= 0)
        {
            columns = columns.Add(new NamedExpr(Node.EventTimeColumn, Expr.Column(input.Schema, Node.EventTimeColumn)));
        }

        return _state.Make(stage.PlaceOf("select"), () => new SelectNode(input, columns));
    }

    private EventTimeNode? ReadEventTime(Section stage, Node input)
    {
        if (stage.Scalar("event time") is not { } scalar || _expressions.Read(scalar, input) is not { } time)
        {
            return null;
        }

        if (time.Type.Kind is not (ValueKind.DateTime or ValueKind.DateTimeOffset))
        {
            _state.Diagnostics.Error(scalar.Place, $"an event's time is a datetime, and this is {time.Type}; of whole seconds since 1970, FromUnixSeconds(x) makes one");
            return null;
        }

        return new EventTimeNode(input, time, stage.Span("disorder") ?? TimeSpan.Zero);
    }

    private LookupNode? ReadLookup(Section stage, Node input)
    {
        if (stage.Inner("lookup") is not { } lookup
            || lookup.Scalar("table") is not { } path
            || lookup.Scalar("on") is not { } on
            || lookup.Scalar("key") is not { } keyText
            || _expressions.Read(keyText, input) is not { } key)
        {
            return null;
        }

        if (_state.Context.Files is not { } files)
        {
            _state.Diagnostics.Error(path.Place, "tables cannot be read here");
            return null;
        }

        string[] add = [.. lookup.Scalars("add").Select(s => s.Value)];
        LookupTable? table = _state.Take(path.Place, files.ReadTable(path.Value, on.Value, key.Type with { Nullable = false }, add));
        return table is null ? null : _state.Make(stage.PlaceOf("lookup"), () => new LookupNode(input, key, table, lookup.Text("unmatched") != "drop"));
    }

    private MergeNode? ReadMerge(Section stage)
    {
        if (stage.Has("from"))
        {
            _state.Diagnostics.Error(stage.PlaceOf("from"), "'merge' names all that is read: 'from' has no place beside it");
        }

        IReadOnlyList<YamlScalar> names = stage.Scalars("merge");
        Node?[] nodes = [.. names.Select(n => _state.Find(n)?.Node)];
        if (nodes.Length < 2)
        {
            _state.Diagnostics.Error(stage.PlaceOf("merge"), "'merge' needs two or more stages or sources");
        }

        return nodes.Length < 2 || nodes.Contains(null)
            ? null
            : _state.Make(stage.Node("merge")!.Place, () => new MergeNode([.. nodes.Select(n => n!)]));
    }

    private PartitionNode? ReadPartitionBy(Section stage, Node input) =>
        _expressions.ReadNamed(stage.Node("partition by"), input) is { } keys
            ? new PartitionNode(input, Dispatch.ByKey, keys, stage.Whole("partitions"))
            : null;

    private PartitionNode? ReadDispatch(Section stage, Node input)
    {
        Dispatch? dispatch = stage.Text("dispatch") switch
        {
            "round robin" => Dispatch.RoundRobin,
            "broadcast" => Dispatch.Broadcast,
            "gather" => Dispatch.Gather,
            "forward" => Dispatch.Forward,
            _ => null,
        };
        return dispatch is { } d ? new PartitionNode(input, d, ImmutableArray<NamedExpr>.Empty, stage.Whole("partitions")) : null;
    }
}
