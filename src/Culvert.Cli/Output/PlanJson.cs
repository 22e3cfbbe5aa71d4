using System.Text.Encodings.Web;
using System.Text.Json;
using Culvert.Streams;

namespace Culvert.Cli.Output;

/// <summary>A plan as one JSON document.</summary>
internal static class PlanJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static void Write(PlanView view, Stream stream)
    {
        using (Utf8JsonWriter json = new(stream, s_options))
        {
            json.WriteStartObject();
            json.WriteString("job", view.Plan.JobName);
            json.WriteString("digest", view.Plan.Digest.ToString());
            json.WriteStartArray("stages");
            foreach (PlanView.StageView stage in view.Stages)
            {
                WriteStage(json, stage);
            }

            json.WriteEndArray();
            json.WriteStartArray("edges");
            foreach (Edge edge in view.Plan.Edges)
            {
                WriteEdge(json, view.Plan, edge);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.Write("\n"u8);
    }

    private static void WriteStage(Utf8JsonWriter json, PlanView.StageView stage)
    {
        json.WriteStartObject();
        json.WriteString("name", stage.Stage.Name);
        json.WriteString("protection", stage.Stage.Protection.ToString().ToLowerInvariant());
        json.WriteNumber("partitions", stage.Stage.PartitionCount);
        json.WriteStartArray("constraints");
        foreach (string label in stage.Stage.Constraints)
        {
            json.WriteStringValue(label);
        }

        json.WriteEndArray();
        if (stage.Stage.Source is { } source && stage.ColumnsInFile is { } all)
        {
            json.WriteNumber("columnsRead", source.Schema.Count);
            json.WriteNumber("columnsInFile", all);
        }

        json.WriteStartArray("operators");
        foreach ((PlanOperator op, string text) in stage.Stage.Operators.Zip(stage.Operators))
        {
            json.WriteStartObject();
            json.WriteString("role", op.Role.ToString());
            json.WriteString("text", string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            WriteSchema(json, "output", op.Output);
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
        json.WriteStartArray("key");
        foreach (int column in edge.KeyColumns)
        {
            json.WriteStringValue(edge.Schema[column].Name);
        }

        json.WriteEndArray();
        json.WriteBoolean("ordered", edge.Ordered);
        WriteSchema(json, "schema", edge.Schema);
        json.WriteEndObject();
    }

    private static void WriteSchema(Utf8JsonWriter json, string name, Schema schema)
    {
        json.WriteStartArray(name);
        foreach (Field field in schema.Fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WriteString("type", field.Type.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
