using System.Text.Encodings.Web;
using System.Text.Json;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Cli.Output;

/// <summary>The one JSON document of <c>--format json</c>: job, rows read, seconds taken, and the result's rows sorted by key.</summary>
internal static class ResultJson
{
    /// <summary>Bytes gathered before they are written.</summary>
    private const int FlushBytes = 64 << 10;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static void Write(Stream stream, string job, RunReport report, ResultRows rows)
    {
        using (Utf8JsonWriter json = new(stream, s_options))
        {
            json.WriteStartObject();
            json.WriteString("job", job);
            json.WriteNumber("rows", report.Rows);
            json.WriteNumber("seconds", Math.Round(report.Elapsed.TotalSeconds, 6));
            json.WriteStartArray("result");
            foreach ((Batch batch, int row) in rows.Sorted())
            {
                JsonLinesFormat.WriteRow(json, batch, row);
                if (json.BytesPending > FlushBytes)
                {
                    json.Flush();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.Write("\n"u8);
    }
}
