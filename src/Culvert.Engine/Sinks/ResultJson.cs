using System.Text.Encodings.Web;
using System.Text.Json;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// What <c>--format json</c> prints: one document <c>{"job":…,"rows":…,"seconds":…,"result":[…]}</c> and a line end, its
/// rows sorted by key. Values are written as <see cref="JsonLinesFormat"/> writes them.
/// </summary>
public static class ResultJson
{
    /// <summary>Writes the document of a run that has ended.</summary>
    public static void Write(Stream output, string job, RunReport report, ResultRows result)
    {
        using (Utf8JsonWriter json = new(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("job", job);
            json.WriteNumber("rows", report.Rows);
            json.WriteNumber("seconds", Math.Round(report.Elapsed.TotalSeconds, 3));
            json.WriteStartArray("result");
            foreach ((Batch batch, int row) in result.Sorted())
            {
                JsonLinesFormat.WriteRow(json, batch, row);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
        output.Flush();
    }
}
