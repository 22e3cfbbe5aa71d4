using System.Collections.Immutable;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.JobFiles.Reading;

/// <summary>Reads <c>aggregate</c> with its keys and windows.</summary>
internal sealed class AggregateReader(ReadingState state, ExpressionPlaces expressions)
{
    private static readonly Dictionary<string, AggregateFunction> Functions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["count"] = AggregateFunction.Count,
        ["sum"] = AggregateFunction.Sum,
        ["min"] = AggregateFunction.Min,
        ["max"] = AggregateFunction.Max,
        ["avg"] = AggregateFunction.Average,
        ["average"] = AggregateFunction.Average,
    };

    /// <summary>The node of an aggregate stage, or null, with complaints.</summary>
    internal AggregateNode? Read(Section stage, Node input)
    {
        ImmutableArray<NamedExpr>? keys = stage.Has("group by") ? expressions.ReadNamed(stage.Node("group by"), input) : [];
        int errors = state.Diagnostics.ErrorCount;
        List<AggregateColumn> columns = [];
        YamlMap? map = stage.Node("aggregate") as YamlMap;
        foreach ((YamlScalar name, YamlNode value) in map?.Entries ?? [])
        {
            if (expressions.CheckName(name) && value is YamlScalar { IsNull: false } scalar && ReadColumn(name.Value, scalar, input) is { } column)
            {
                columns.Add(column);
            }
        }

        if (map?.Entries.Count == 0)
        {
            state.Diagnostics.Error(map.Place, "this is empty: name at least one aggregate, such as total: sum(x)");
        }

        WindowSpec? window = stage.Has("window") ? ReadWindow(stage, input) : null;
        return keys is { } k && columns.Count > 0 && errors == state.Diagnostics.ErrorCount && (window is not null || !stage.Has("window"))
            ? state.Make(stage.PlaceOf("aggregate"), () => new AggregateNode(input, k, [.. columns], window))
            : null;
    }

    private AggregateColumn? ReadColumn(string name, YamlScalar scalar, Node input)
    {
        string text = scalar.Value;
        int open = text.IndexOf('(', StringComparison.Ordinal);
        string called = (open < 0 ? text : text[..open]).Trim();
        int begin = text.Length - text.TrimStart().Length;
        if (!Functions.TryGetValue(called, out AggregateFunction function))
        {
            state.Diagnostics.Error(scalar.PlaceOf(begin), $"an aggregate is count(), sum(x), min(x), max(x) or avg(x), and this is {scalar.Describe()}{NearestName.Hint(called, Functions.Keys)}");
            return null;
        }

        int close = open < 0 ? -1 : Closing(text, open);
        if (close < 0)
        {
            state.Diagnostics.Error(scalar.PlaceOf(open < 0 ? text.Length : open), $"'{called}' needs parentheses around what it works on: {called}({(function == AggregateFunction.Count ? string.Empty : "x")})");
            return null;
        }

        if (text[(close + 1)..].Trim().Length > 0)
        {
            int rest = close + 1 + text[(close + 1)..].Length - text[(close + 1)..].TrimStart().Length;
            state.Diagnostics.Error(scalar.PlaceOf(rest), "an aggregate is one function: compute with what it gives in a 'select' stage behind");
            return null;
        }

        string argument = text[(open + 1)..close];
        if (string.IsNullOrWhiteSpace(argument))
        {
            if (function == AggregateFunction.Count)
            {
                return new AggregateColumn(name, function, null);
            }

            state.Diagnostics.Error(scalar.PlaceOf(close), $"'{called}' needs something to work on: {called}(x)");
            return null;
        }

        if (expressions.Read(scalar, argument, open + 1, input) is not { } expr)
        {
            return null;
        }

        NoteFloatOrder(function, expr, scalar);
        return state.Make(scalar.PlaceOf(open + 1), () => new AggregateColumn(name, function, expr));
    }

    private void NoteFloatOrder(AggregateFunction function, Expr expr, YamlScalar scalar)
    {
        if (function is AggregateFunction.Sum or AggregateFunction.Average && expr.Type.Kind is ValueKind.Float32 or ValueKind.Float64)
        {
            state.Diagnostics.Note(scalar.Place, "floating-point sums depend on order: events are folded in the order of their producers, which costs some speed; whole numbers and decimals do not need that");
        }
    }

    private WindowSpec? ReadWindow(Section stage, Node input)
    {
        Place place = stage.Node("window")!.Place;
        if (stage.Inner("window") is not { } window)
        {
            return null;
        }

        if (input.Schema.IndexOf(Node.EventTimeColumn) < 0)
        {
            state.Diagnostics.Error(stage.PlaceOf("window"), "a window needs the events' time: put a stage with 'event time' above");
            return null;
        }

        TimeSpan lateness = stage.Span("lateness") ?? TimeSpan.Zero;
        if (window.Span("tumbling") is { } size)
        {
            return state.Make(place, () => Sized(size, size, lateness));
        }

        if (window.Span("sliding") is not { } sliding)
        {
            return null;
        }

        if (window.Span("by") is not { } slide)
        {
            if (!window.Has("by"))
            {
                state.Diagnostics.Error(place, "'by' is missing: a sliding window says how far apart windows start");
            }

            return null;
        }

        return state.Make(window.Node("by")!.Place, () => Sized(sliding, slide, lateness));
    }

    private static WindowSpec Sized(TimeSpan size, TimeSpan slide, TimeSpan lateness) =>
        size <= TimeSpan.Zero || slide <= TimeSpan.Zero ? throw new ArgumentException("a window lasts longer than nothing")
        : slide > size ? throw new ArgumentException("sliding windows that start further apart than they last would leave events out")
        : WindowSpec.Sliding(size, slide, lateness);

    /// <summary>The parenthesis that closes the one at <paramref name="open"/>, quoted text aside; -1 when there is none.</summary>
    private static int Closing(string text, int open)
    {
        int depth = 0;
        char quote = '\0';
        for (int i = open; i < text.Length; i++)
        {
            char c = text[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '\'' or '"' or '`')
            {
                quote = c;
            }
            else if (c == '(')
            {
                depth++;
            }
            else if (c == ')' && --depth == 0)
            {
                return i;
            }
        }

        return -1;
    }
}
