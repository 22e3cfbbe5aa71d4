using System.Text.Json;

namespace Culvert.Engine;

/// <summary>A run's result as the one JSON document that <c>--format json</c> prints.</summary>
public static class ResultJson
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes <c>{"job":…,"rows":…,"seconds":…,"result":[…]}</c> with the rows sorted by key, and a line end.</summary>
    public static void Write(Stream output, string job, RunReport report, ResultRows result)
    {
        using (Utf8JsonWriter json = new(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("job", job);
            json.WriteNumber("rows", report.Rows);
            json.WriteNumber("seconds", Math.Round(report.Elapsed.TotalSeconds, 6));
            json.WriteStartArray("result");
            foreach ((Streams.Batch batch, int row) in result.Sorted())
            {
                JsonLinesFormat.WriteRow(json, batch, row);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }
}
