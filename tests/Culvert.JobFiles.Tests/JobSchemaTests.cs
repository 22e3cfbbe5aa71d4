using System.Text.Json.Nodes;
using Culvert.JobFiles.Tests.Fakes;

namespace Culvert.JobFiles.Tests;

public class JobSchemaTests
{
    /// <summary>Set to 1 to write expected files anew instead of comparing with them.</summary>
    internal const string UpdateVariable = "CULVERT_UPDATE_EXPECTED";

    [Fact]
    public void The_published_schema_is_the_one_that_the_reader_checks_by()
    {
        string path = Repository.PathOf("docs", "job.schema.json");
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, JobSchema.ToText());
        }

        Assert.Equal(File.ReadAllText(path), JobSchema.ToText());
    }

    [Fact]
    public void Every_reference_in_the_schema_leads_to_a_definition()
    {
        JsonObject root = JsonNode.Parse(JobSchema.ToText())!.AsObject();
        List<string> references = [];
        Collect(root, references);

        Assert.NotEmpty(references);
        JsonObject definitions = root["$defs"]!.AsObject();
        Assert.All(references, r => Assert.True(definitions.ContainsKey(r["#/$defs/".Length..]), r));
        Assert.All(definitions, d => Assert.Contains("#/$defs/" + d.Key, references));
    }

    private static void Collect(JsonNode? node, List<string> references)
    {
        if (node is JsonObject map)
        {
            if (map["$ref"] is JsonValue reference)
            {
                references.Add(reference.GetValue<string>());
            }

            foreach ((_, JsonNode? value) in map)
            {
                Collect(value, references);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (JsonNode? value in list)
            {
                Collect(value, references);
            }
        }
    }
}
