using System.Text.Json.Nodes;
using Culvert.JobFiles.Yaml;

namespace Culvert.JobFiles.Keys;

/// <summary>A list of one shape.</summary>
internal sealed class ListShape(Shape item, string what) : Shape
{
    internal override string What => what;

    internal override bool Fits(YamlNode node) => node is YamlList;

    internal override void Check(YamlNode node, DiagnosticList diagnostics)
    {
        base.Check(node, diagnostics);
        foreach (YamlNode child in (node as YamlList)?.Items ?? [])
        {
            item.Check(child, diagnostics);
        }
    }

    internal override JsonObject ToSchema() => new() { ["type"] = "array", ["items"] = item.ToSchema() };
}

/// <summary>A map from names that the author chooses to one shape.</summary>
internal sealed class MapShape(Shape value, string what) : Shape
{
    internal override string What => what;

    internal override bool Fits(YamlNode node) => node is YamlMap;

    internal override void Check(YamlNode node, DiagnosticList diagnostics)
    {
        base.Check(node, diagnostics);
        foreach ((YamlScalar key, YamlNode child) in (node as YamlMap)?.Entries ?? [])
        {
            if (key.Value.Length == 0)
            {
                diagnostics.Error(key.Place, "a name cannot be empty");
            }

            value.Check(child, diagnostics);
        }
    }

    internal override JsonObject ToSchema() => new() { ["type"] = "object", ["additionalProperties"] = value.ToSchema() };
}

/// <summary>A map of fixed keys.</summary>
internal sealed class ObjectShape(KeySet keys) : Shape
{
    internal override string What => keys.What;

    internal override bool Fits(YamlNode node) => node is YamlMap;

    internal override void Check(YamlNode node, DiagnosticList diagnostics)
    {
        base.Check(node, diagnostics);
        if (node is YamlMap map)
        {
            keys.Check(map, diagnostics);
        }
    }

    internal override JsonObject ToSchema() => new() { ["$ref"] = "#/$defs/" + keys.Name };
}

/// <summary>One of some shapes, told apart by their kind.</summary>
internal sealed class EitherShape(params Shape[] shapes) : Shape
{
    internal override string What => string.Join(", or ", shapes.Select(s => s.What));

    internal override bool Fits(YamlNode node) => shapes.Any(s => s.Fits(node));

    internal override void Check(YamlNode node, DiagnosticList diagnostics)
    {
        if (shapes.FirstOrDefault(s => s.Fits(node)) is { } shape)
        {
            shape.Check(node, diagnostics);
        }
        else
        {
            base.Check(node, diagnostics);
        }
    }

    internal override JsonObject ToSchema() =>
        new() { ["anyOf"] = new JsonArray([.. shapes.Select(s => (JsonNode)s.ToSchema())]) };
}
