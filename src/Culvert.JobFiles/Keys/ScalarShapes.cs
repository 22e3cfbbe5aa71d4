using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;

namespace Culvert.JobFiles.Keys;

/// <summary>Text; <paramref name="pattern"/> (a regular expression) is what it must look like.</summary>
internal sealed class TextShape(string what, string? pattern = null) : Shape
{
    /// <summary>The patterns are simple ones of our own; the engine that cannot be slow takes a fifth of a command's start to get ready.</summary>
    private static readonly TimeSpan MatchTime = TimeSpan.FromSeconds(1);

    private readonly Regex? _pattern = pattern is null ? null : new Regex(pattern, RegexOptions.CultureInvariant, MatchTime);

    internal override string What => what;

    internal override bool Fits(YamlNode node) =>
        node is YamlScalar { IsNull: false } scalar && (_pattern is null || _pattern.IsMatch(scalar.Value));

    // A name such as 2008 or true is text here and a number or bool to an editor.
    internal override JsonObject ToSchema() => _pattern is null
        ? new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") }
        : new JsonObject { ["type"] = "string", ["pattern"] = pattern };
}

/// <summary>Any scalar, nothing included: a value of a test's row.</summary>
internal sealed class ValueShape : Shape
{
    internal override string What => "a value";

    internal override bool Fits(YamlNode node) => node is YamlScalar;

    internal override JsonObject ToSchema() => new() { ["type"] = new JsonArray("string", "number", "boolean", "null") };
}

/// <summary>A whole number within bounds, both included.</summary>
internal sealed class WholeShape(long min, long max) : Shape
{
    internal override string What => string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");

    internal override bool Fits(YamlNode node) =>
        node is YamlScalar { IsPlain: true } scalar
        && long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
        && value >= min && value <= max;

    internal override JsonObject ToSchema() => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };
}

/// <summary>true or false.</summary>
internal sealed class BoolShape : Shape
{
    internal override string What => "true or false";

    internal override bool Fits(YamlNode node) => node is YamlScalar { IsPlain: true, Value: "true" or "false" };

    internal override JsonObject ToSchema() => new() { ["type"] = "boolean" };
}

/// <summary>A span of time.</summary>
internal sealed class DurationShape : Shape
{
    internal override string What => "a duration such as 500ms, 10s, 5m, 1h or 1d";

    internal override bool Fits(YamlNode node) => node is YamlScalar scalar && Duration.TryParse(scalar.Value, out _);

    internal override JsonObject ToSchema() => new() { ["type"] = "string", ["pattern"] = Duration.Pattern };
}

/// <summary>The type of a column.</summary>
internal sealed class TypeShape : Shape
{
    private static readonly string[] Names =
    [
        "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
        "decimal", "text", "bytes", "datetime", "datetimeoffset", "timespan",
    ];

    internal override string What => "a type such as int32, float64, text or datetime, with '?' behind it where values may be missing";

    internal override bool Fits(YamlNode node) => node is YamlScalar scalar && ColumnType.TryParse(scalar.Value, out _);

    internal override void Check(YamlNode node, DiagnosticList diagnostics)
    {
        if (node is YamlScalar { IsNull: false } scalar && !Fits(node))
        {
            diagnostics.Error(node.Place, $"'{scalar.Value}' is no type: the types are {string.Join(", ", Names)}{NearestName.Hint(scalar.Value.TrimEnd('?'), Names)}");
        }
        else
        {
            base.Check(node, diagnostics);
        }
    }

    internal override JsonObject ToSchema() =>
        new() { ["enum"] = new JsonArray([.. Names.SelectMany(n => new[] { n, n + "?" }).Select(n => JsonValue.Create(n))]) };
}

/// <summary>One of some words.</summary>
internal sealed class ChoiceShape(params string[] words) : Shape
{
    internal override string What => words.Length == 1 ? $"'{words[0]}'" : string.Join(", ", words[..^1]) + " or " + words[^1];

    internal override bool Fits(YamlNode node) => node is YamlScalar scalar && words.Contains(scalar.Value);

    internal override void Check(YamlNode node, DiagnosticList diagnostics)
    {
        if (!Fits(node))
        {
            string hint = node is YamlScalar scalar ? NearestName.Hint(scalar.Value, words) : string.Empty;
            diagnostics.Error(node.Place, $"this must be {What}, and is {node.Describe()}{hint}");
        }
    }

    internal override JsonObject ToSchema() => new() { ["enum"] = new JsonArray([.. words.Select(w => JsonValue.Create(w))]) };
}
