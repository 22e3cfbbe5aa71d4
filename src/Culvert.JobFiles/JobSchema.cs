using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Culvert.JobFiles.Keys;

namespace Culvert.JobFiles;

/// <summary>The JSON schema (draft 2020-12) of job files, by which editors complete and check them; docs/job.schema.json is a copy.</summary>
public static class JobSchema
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as text, always the same.</summary>
    public static string ToText()
    {
        JsonObject definitions = [];
        foreach (KeySet keys in Vocabulary.Inner)
        {
            definitions[keys.Name] = keys.ToSchema();
        }

        JsonObject root = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Culvert job file",
        };
        foreach ((string key, JsonNode? value) in Vocabulary.Job.ToSchema())
        {
            root[key] = value?.DeepClone();
        }

        root["oneOf"] = new JsonArray(
            new JsonObject { ["required"] = new JsonArray("source") },
            new JsonObject { ["required"] = new JsonArray("sources") });
        root["$defs"] = definitions;
        return root.ToJsonString(Format) + "\n";
    }
}
