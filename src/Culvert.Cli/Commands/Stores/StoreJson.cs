using System.Text.Encodings.Web;
using System.Text.Json;
using Culvert.Cli.Output;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary>JSON documents on standard output.</summary>
internal static class StoreJson
{
    // Unit names may be in any script; what reads this is no web page.
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static void Write(Action<Utf8JsonWriter> write)
    {
        using (Utf8JsonWriter json = new(DescriptorStream.StandardOutput, s_options))
        {
            write(json);
        }

        Terminal.Out.WriteLine();
    }

    /// <summary>A version's fields, in an object that was begun.</summary>
    internal static void WriteVersion(Utf8JsonWriter json, UnitVersion version)
    {
        json.WriteNumber("version", version.Number);
        json.WriteNumber("bytes", version.Bytes);
        json.WriteString("time", version.TimeUtc.UtcDateTime);
        json.WriteString("writer", version.Writer.ToString());
    }
}
