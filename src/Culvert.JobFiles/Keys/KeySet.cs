using System.Text.Json.Nodes;
using Culvert.JobFiles.Yaml;

namespace Culvert.JobFiles.Keys;

/// <summary>The keys that a map may have.</summary>
internal sealed class KeySet(string name, string what, params Key[] keys)
{
    /// <summary>Its name among the definitions of the JSON schema.</summary>
    internal string Name { get; } = name;

    /// <summary>What such a map is, for messages.</summary>
    internal string What { get; } = what;

    /// <summary>The keys of which exactly one must be there; none when there is no such choice.</summary>
    internal string[] ExactlyOne { get; init; } = [];

    /// <summary>Complains about unknown, missing and ill-matched keys, and about what stands behind them.</summary>
    internal void Check(YamlMap map, DiagnosticList diagnostics)
    {
        foreach ((YamlScalar name, YamlNode value) in map.Entries)
        {
            if (diagnostics.HasEnough)
            {
                return;
            }

            Key? key = keys.FirstOrDefault(k => k.Name == name.Value);
            if (key is null)
            {
                diagnostics.Error(name.Place, Unknown(name.Value));
                continue;
            }

            if (key.With.Length > 0 && !key.With.Any(w => map.Find(w) is not null))
            {
                diagnostics.Error(name.Place, $"'{key.Name}' goes with {Quote(key.With)}, which is not here");
            }

            key.Shape.Check(value, diagnostics);
        }

        foreach (Key key in keys.Where(k => k.Required && map.Find(k.Name) is null))
        {
            diagnostics.Error(map.Place, $"'{key.Name}' is missing in {What}: {key.Doc}");
        }

        // Where a key is unknown, it is probably the one that is wanted, misspelt.
        CheckChoice(map, diagnostics);
    }

    /// <summary>The JSON schema of such a map.</summary>
    internal JsonObject ToSchema()
    {
        JsonObject properties = [];
        JsonObject dependencies = [];
        foreach (Key key in keys)
        {
            JsonObject schema = key.Shape.ToSchema();
            schema["description"] = key.Doc;
            properties[key.Name] = schema;
            if (key.With.Length > 0)
            {
                dependencies[key.Name] = new JsonObject
                {
                    ["anyOf"] = new JsonArray([.. key.With.Select(w => (JsonNode)new JsonObject { ["required"] = new JsonArray(w) })]),
                };
            }
        }

        JsonObject result = new() { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (keys.Any(k => k.Required))
        {
            result["required"] = new JsonArray([.. keys.Where(k => k.Required).Select(k => JsonValue.Create(k.Name))]);
        }

        if (ExactlyOne.Length > 0)
        {
            result["oneOf"] = new JsonArray([.. ExactlyOne.Select(k => (JsonNode)new JsonObject { ["required"] = new JsonArray(k) })]);
        }

        if (dependencies.Count > 0)
        {
            result["dependentSchemas"] = dependencies;
        }

        return result;
    }

    private string Unknown(string name)
    {
        string hint = NearestName.Hint(name, keys.Select(k => k.Name));
        string known = hint.Length > 0 ? hint : "; the keys are " + string.Join(", ", keys.Select(k => k.Name));
        return $"{What} has no key '{name}'{known}";
    }

    private void CheckChoice(YamlMap map, DiagnosticList diagnostics)
    {
        string[] present = [.. map.Entries.Select(e => e.Key.Value).Where(ExactlyOne.Contains)];
        if (present.Length > 1)
        {
            diagnostics.Error(map.PlaceOf(present[1]), $"{What} has one of {Quote(ExactlyOne)}, and this has both '{present[0]}' and '{present[1]}'");
        }
        else if (present.Length == 0 && ExactlyOne.Length > 0 && map.Entries.All(e => keys.Any(k => k.Name == e.Key.Value)))
        {
            diagnostics.Error(map.Place, $"{What} needs one of {Quote(ExactlyOne)}");
        }
    }

    private static string Quote(string[] names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
