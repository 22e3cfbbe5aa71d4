using System.Collections.Immutable;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;

namespace Culvert.JobFiles.Reading;

/// <summary>Reads <c>lua</c> stages.</summary>
internal sealed class LuaReader(ReadingState state, ExpressionPlaces expressions)
{
    /// <summary>Bytes of a script: as many as a script may have.</summary>
    private const int ScriptBytesMax = 4 << 20;

    /// <summary>The node of a script, or null, with complaints.</summary>
    internal Node? Read(Section lua, Node input)
    {
        string role = lua.Has("map") ? "map" : lua.Has("filter") ? "filter" : "reduce";
        if (lua.Scalar(role) is not { } path)
        {
            return null;
        }

        if (state.Context.Files is not { } files || state.Context.Scripts is not { } scripts)
        {
            state.Diagnostics.Error(path.Place, "scripts cannot be read here");
            return null;
        }

        if (state.Take(path.Place, files.ReadText(path.Value, ScriptBytesMax)) is not { } source)
        {
            return null;
        }

        foreach (string finding in scripts.Lint(path.Value, source))
        {
            state.Diagnostics.Warning(path.Place, finding);
        }

        Schema? output = null;
        if (lua.Node("returns") is YamlMap map)
        {
            IReadOnlyList<(YamlScalar Name, ColumnType Type)> types = lua.Types("returns");
            if (types.Count < map.Entries.Count || !types.All(t => expressions.CheckName(t.Name)))
            {
                return null;
            }

            output = new Schema(types.Select(t => new Field(t.Name.Value, t.Type)));
        }

        return role switch
        {
            "map" => state.Take(path.Place, scripts.Map(path.Value, source, input.Schema, output)) is { } code ? new CodeNode(input, code) : null,
            "filter" => state.Take(path.Place, scripts.Filter(path.Value, source, input.Schema)) is { } code ? new CodeNode(input, code) : null,
            _ => ReadReduce(lua, path, source, input, output),
        };
    }

    private FoldNode? ReadReduce(Section lua, YamlScalar path, string source, Node input, Schema? output)
    {
        ImmutableArray<NamedExpr>? keys = lua.Has("by") ? expressions.ReadNamed(lua.Node("by"), input) : [];
        FoldCode? code = state.Take(path.Place, state.Context.Scripts!.Reduce(path.Value, source, input.Schema, output));
        return keys is { } k && code is not null ? state.Make(path.Place, () => new FoldNode(input, k, code)) : null;
    }
}
