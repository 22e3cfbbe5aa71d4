using System.Text;
using System.Text.Json;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>A plan as JSON.</summary>
internal static class PlanJson
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static string Write(Plan plan)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("job", plan.JobName);
            json.WriteString("digest", plan.Digest.ToString());
            json.WriteStartArray("stages");
            foreach (Stage stage in plan.Stages)
            {
                WriteStage(json, stage);
            }

            json.WriteEndArray();
            json.WriteStartArray("edges");
            foreach (Edge edge in plan.Edges)
            {
                WriteEdge(json, plan, edge);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteStage(Utf8JsonWriter json, Stage stage)
    {
        json.WriteStartObject();
        json.WriteString("name", stage.Name);
        json.WriteString("protection", stage.Protection.ToString().ToLowerInvariant());
        json.WriteNumber("partitions", stage.PartitionCount);
        json.WriteStartArray("constraints");
        foreach (string constraint in stage.Constraints)
        {
            json.WriteStringValue(constraint);
        }

        json.WriteEndArray();
        json.WriteStartArray("operators");
        foreach (PlanOperator op in stage.Operators)
        {
            json.WriteStartObject();
            json.WriteString("role", op.Role.ToString());
            json.WriteString("does", OperatorText.Describe(op));
            WriteSchema(json, op.Output);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEdge(Utf8JsonWriter json, Plan plan, Edge edge)
    {
        json.WriteStartObject();
        json.WriteString("from", plan.Stages[edge.From.Value].Name);
        json.WriteString("to", plan.Stages[edge.To.Value].Name);
        json.WriteString("dispatch", edge.Dispatch.ToString());
        json.WriteBoolean("ordered", edge.Ordered);
        json.WriteStartArray("key");
        foreach (int column in edge.KeyColumns)
        {
            json.WriteStringValue(edge.Schema[column].Name);
        }

        json.WriteEndArray();
        WriteSchema(json, edge.Schema);
        json.WriteEndObject();
    }

    private static void WriteSchema(Utf8JsonWriter json, Schema schema)
    {
        json.WriteStartObject("schema");
        foreach (Field field in schema.Fields)
        {
            json.WriteString(field.Name, field.Type.ToString());
        }

        json.WriteEndObject();
    }
}
