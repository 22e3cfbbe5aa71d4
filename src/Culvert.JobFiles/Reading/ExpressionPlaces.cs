using System.Collections.Immutable;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.JobFiles.Reading;

/// <summary>Reads the expressions in scalars, and points at the very character where one is wrong.</summary>
internal sealed class ExpressionPlaces(ReadingState state)
{
    /// <summary>The expression of a scalar, or null, with a complaint; of a type where one is given.</summary>
    internal Expr? Read(YamlScalar scalar, Node input, ColumnType? expected = null) => Read(scalar, scalar.Value, 0, input, expected);

    /// <summary>The expression of a part of a scalar that begins at <paramref name="start"/>.</summary>
    internal Expr? Read(YamlScalar scalar, string text, int start, Node input, ColumnType? expected = null)
    {
        Outcome<Expr> outcome = ExpressionParser.Parse(text, input.Schema, expected, out int offset);
        if (!outcome.Succeeded)
        {
            state.Diagnostics.Error(scalar.PlaceOf(start + offset), WithoutPosition(outcome.Failure.Message));
            return null;
        }

        Expr expr = outcome.Value;
        ExpressionLint.Check(expr, scalar, state.Diagnostics);
        WarnOfUndeclared(expr, scalar, input);
        return expr;
    }

    /// <summary>The columns of a key or a selection: a column, a list of columns, or a map from names to expressions; null, with complaints, when one of them cannot be.</summary>
    internal ImmutableArray<NamedExpr>? ReadNamed(YamlNode? node, Node input)
    {
        List<NamedExpr> columns = [];
        int wanted = 0;
        switch (node)
        {
            case YamlScalar scalar:
                wanted = 1;
                AddColumn(scalar);
                break;
            case YamlList list:
                wanted = list.Items.Count;
                foreach (YamlScalar scalar in list.Items.OfType<YamlScalar>())
                {
                    AddColumn(scalar);
                }

                break;
            case YamlMap map:
                wanted = map.Entries.Count;
                foreach ((YamlScalar name, YamlNode value) in map.Entries)
                {
                    if (CheckName(name) && value is YamlScalar { IsNull: false } scalar && Read(scalar, input) is { } expr)
                    {
                        columns.Add(new NamedExpr(name.Value, expr));
                    }
                }

                break;
        }

        if (node is not null && wanted == 0)
        {
            state.Diagnostics.Error(node.Place, "this is empty: name at least one column");
        }

        return wanted > 0 && columns.Count == wanted ? [.. columns] : null;

        void AddColumn(YamlScalar scalar)
        {
            int index = input.Schema.IndexOf(scalar.Value);
            if (index >= 0)
            {
                columns.Add(new NamedExpr(scalar.Value, Expr.Column(input.Schema, scalar.Value)));
                WarnOfUndeclared(columns[^1].Value, scalar, input);
                return;
            }

            state.Diagnostics.Error(scalar.Place, $"there is no column '{scalar.Value}'{NearestName.Hint(scalar.Value, Visible(input))}; an expression needs a name: {{name: {scalar.Value}}}");
        }
    }

    /// <summary>Whether an author may give a column this name.</summary>
    internal bool CheckName(YamlScalar name)
    {
        bool good = !name.Value.StartsWith('$');
        if (!good)
        {
            state.Diagnostics.Error(name.Place, $"'{name.Value}': names that begin with '$' are Culvert's own");
        }

        return good;
    }

    /// <summary>The parser's own place is inside the expression; ours is in the file.</summary>
    private static string WithoutPosition(string message)
    {
        int end = message.StartsWith("line ", StringComparison.Ordinal) ? message.IndexOf(": ", StringComparison.Ordinal) : -1;
        return end < 0 ? message : message[(end + 2)..];
    }

    private static IEnumerable<string> Visible(Node input) =>
        input.Schema.Fields.Select(f => f.Name).Where(n => !n.StartsWith('$'));

    /// <summary>A type that was found in one file's first rows can be another in the next file's.</summary>
    private void WarnOfUndeclared(Expr expr, YamlScalar scalar, Node input)
    {
        Node source = input;
        while (source is WhereNode or EventTimeNode or PartitionNode)
        {
            source = source.Inputs[0];
        }

        if (!state.Undeclared.TryGetValue(source, out HashSet<string>? undeclared))
        {
            return;
        }

        foreach (int index in Expr.Columns(expr))
        {
            Field field = input.Schema[index];
            if (undeclared.Remove(field.Name))
            {
                state.Diagnostics.Warning(scalar.Place, $"the type of '{field.Name}' is not declared and is taken to be {field.Type}; say it in the source's 'types' so that every file is read alike");
            }
        }
    }
}
