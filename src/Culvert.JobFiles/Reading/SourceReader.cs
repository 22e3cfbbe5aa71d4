using System.Collections.Immutable;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;

namespace Culvert.JobFiles.Reading;

/// <summary>Reads sources.</summary>
internal sealed class SourceReader(ReadingState state)
{
    /// <summary>The one column of a source of lines.</summary>
    private const string LineColumn = "line";

    /// <summary>The node of a source, or null when it cannot be made.</summary>
    internal SourceNode? Read(Section source, string name, bool replaceInput)
    {
        (SourceSpec? spec, Schema? schema, HashSet<string> undeclared) =
            source.Has("csv") ? ReadCsv(source, replaceInput)
            : source.Has("lines") ? ReadLines(source, replaceInput)
            : ReadGenerator(source, replaceInput);
        if (spec is null || schema is null)
        {
            return null;
        }

        SourceNode node = (SourceNode)new SourceNode(spec, schema).With(name);
        state.Undeclared[node] = undeclared;
        return node;
    }

    private (SourceSpec?, Schema?, HashSet<string>) ReadCsv(Section source, bool replaceInput)
    {
        HashSet<string> undeclared = new(StringComparer.Ordinal);
        Place place = source.Node("csv")!.Place;
        ImmutableArray<string> paths = Paths(source, "csv", replaceInput);
        CsvOptions options = ReadOptions(source);
        if (paths.IsEmpty || state.Make<object>(place, () => { options.Validate(); return options; }) is null)
        {
            return (null, null, undeclared);
        }

        Schema? schema = ReadSchema(source, paths, options, undeclared);
        if (schema is null)
        {
            return (null, null, undeclared);
        }

        Section? aside = source.Inner("malformed");
        CsvRequest request = new(paths, options, aside?.Text("set aside"), source.Flag("follow"));
        return (state.Take(place, state.Context.Connectors.Csv(request, schema)), schema, undeclared);
    }

    private Schema? ReadSchema(Section source, ImmutableArray<string> paths, CsvOptions options, HashSet<string> undeclared)
    {
        Place place = source.Node("csv")!.Place;
        bool allDeclared = !options.Columns.IsEmpty && options.Columns.All(c => c.Type is not null);
        if (allDeclared)
        {
            return state.Make(source.PlaceOf("columns"), () => new Schema(options.Columns.Select(c => new Field(c.Name, c.Type!.Value))));
        }

        Schema? schema = state.Context.Files is { } files
            ? state.Take(place, files.ProbeCsv(paths, options))
            : SchemaWithoutFile(place, options);
        foreach (Field field in schema?.Fields ?? [])
        {
            if (!options.Types.ContainsKey(field.Name) && !options.Columns.Any(c => c.Name == field.Name && c.Type is not null))
            {
                undeclared.Add(field.Name);
            }
        }

        if (schema is not null)
        {
            CheckTypeNames(source, schema);
        }

        return schema;
    }

    /// <summary>Where no file can be looked at, a column of no declared type is read as the text that it is.</summary>
    private Schema? SchemaWithoutFile(Place place, CsvOptions options)
    {
        if (options.Columns.IsEmpty)
        {
            state.Diagnostics.Error(place, "the columns are not known: no file can be looked at here, so declare them with 'columns'");
            return null;
        }

        ColumnType text = new(ValueKind.Text, Nullable: true);
        return state.Make(place, () => new Schema(options.Columns.Select(c => new Field(c.Name, c.Type ?? options.Types.GetValueOrDefault(c.Name, text)))));
    }

    private void CheckTypeNames(Section source, Schema schema)
    {
        foreach ((YamlScalar name, _) in source.Types("types"))
        {
            if (schema.IndexOf(name.Value) < 0 && !state.Diagnostics.HasEnough)
            {
                state.Diagnostics.Error(name.Place, $"the source has no column '{name.Value}'{NearestName.Hint(name.Value, schema.Fields.Select(f => f.Name))}");
            }
        }
    }

    private CsvOptions ReadOptions(Section source)
    {
        ImmutableDictionary<string, ColumnType> types = source.Types("types").ToImmutableDictionary(t => t.Name.Value, t => t.Type, StringComparer.Ordinal);
        ImmutableArray<CsvColumn> columns = source.Node("columns") is YamlMap
            ? [.. source.Types("columns").Select(t => new CsvColumn(t.Name.Value, types.TryGetValue(t.Name.Value, out ColumnType given) ? given : t.Type))]
            : [.. source.Scalars("columns").Select(c => new CsvColumn(c.Value, types.TryGetValue(c.Value, out ColumnType given) ? given : null))];
        foreach (YamlScalar name in source.Scalars("columns").GroupBy(c => c.Value).SelectMany(g => g.Skip(1)))
        {
            state.Diagnostics.Error(name.Place, $"the column '{name.Value}' is declared twice");
        }

        return new CsvOptions
        {
            Separator = source.Text("separator") switch { "semicolon" => ';', "tab" => '\t', "bar" => '|', _ => ',' },
            Quote = source.Flag("quote", otherwise: true) ? '"' : null,
            Header = source.Text("header") switch { "present" => CsvHeader.Present, "absent" => CsvHeader.Absent, _ => CsvHeader.Auto },
            Columns = [.. columns.DistinctBy(c => c.Name, StringComparer.Ordinal)],
            Types = types,
            Missing = source.Has("missing") ? [.. ((source.Node("missing") as YamlList)?.Items ?? []).OfType<YamlScalar>().Select(s => s.Value)] : [""],
            Malformed = source.Has("malformed") && source.Node("malformed") is YamlMap ? MalformedRowPolicy.SetAside
                : source.Text("malformed") == "skip" ? MalformedRowPolicy.Skip
                : MalformedRowPolicy.Fail,
        };
    }

    private (SourceSpec?, Schema?, HashSet<string>) ReadLines(Section source, bool replaceInput)
    {
        ImmutableArray<string> paths = Paths(source, "lines", replaceInput);
        SourceSpec? spec = paths.IsEmpty ? null : state.Take(source.Node("lines")!.Place, state.Context.Connectors.Lines(paths, source.Flag("follow")));
        return (spec, new Schema(new Field(LineColumn, new ColumnType(ValueKind.Text))), []);
    }

    private (SourceSpec?, Schema?, HashSet<string>) ReadGenerator(Section source, bool replaceInput)
    {
        if (source.Scalar("generate") is not { } name)
        {
            return (null, null, []);
        }

        IConnectors connectors = state.Context.Connectors;
        if (replaceInput)
        {
            state.Diagnostics.Error(name.Place, "--input replaces the files of a source, and this one is generated");
            return (null, null, []);
        }

        if (!connectors.Generators.Contains(name.Value))
        {
            state.Diagnostics.Error(name.Place, $"there is no generator '{name.Value}'{NearestName.Hint(name.Value, connectors.Generators)}; there are {string.Join(", ", connectors.Generators)}");
            return (null, null, []);
        }

        Dictionary<string, string> settings = new(StringComparer.Ordinal);
        foreach ((YamlScalar key, YamlScalar value) in source.ScalarMap("with"))
        {
            settings[key.Value] = value.Value;
        }

        GeneratedSource? made = state.Take(source.Has("with") ? source.PlaceOf("with") : name.Place, connectors.Generate(name.Value, settings));
        return (made?.Spec, made?.Schema, []);
    }

    private ImmutableArray<string> Paths(Section source, string key, bool replaceInput)
    {
        if (replaceInput)
        {
            return [.. state.Context.Input];
        }

        ImmutableArray<string> paths = [.. source.Scalars(key).Select(s => s.Value)];
        if (paths.IsEmpty && source.Node(key) is YamlList list)
        {
            state.Diagnostics.Error(list.Place, "the list of files is empty");
        }

        return paths;
    }
}
