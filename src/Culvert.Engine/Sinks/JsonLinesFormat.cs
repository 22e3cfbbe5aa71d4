using System.Buffers;
using System.Text.Json;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A JSON object a line. A missing value is null, as are NaN and the infinities, which JSON does not have; bytes are
/// base64; text that is not UTF-8 has U+FFFD in place of what is not.
/// </summary>
public sealed class JsonLinesFormat : RowFormat
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <inheritdoc/>
    public override string Name => "jsonl";

    /// <inheritdoc/>
    public override void WriteHeader(Schema schema, IBufferWriter<byte> writer)
    {
    }

    /// <inheritdoc/>
    public override void WriteRows(Batch batch, IBufferWriter<byte> writer)
    {
        using Utf8JsonWriter json = new(writer, Options);
        for (int row = 0; row < batch.Count; row++)
        {
            WriteRow(json, batch, row);
            json.Flush();
            json.Reset();
            writer.Write("\n"u8);
        }
    }

    /// <summary>Writes a row as an object.</summary>
    public static void WriteRow(Utf8JsonWriter json, Batch batch, int row)
    {
        json.WriteStartObject();
        for (int c = 0; c < batch.Schema.Count; c++)
        {
            json.WritePropertyName(batch.Schema[c].Name);
            WriteValue(json, batch[c], row);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, Column column, int row)
    {
        switch (column.GetValue(row))
        {
            case null:
            case double.NaN or double.PositiveInfinity or double.NegativeInfinity:
            case float.NaN or float.PositiveInfinity or float.NegativeInfinity:
                json.WriteNullValue();
                break;
            case bool b:
                json.WriteBooleanValue(b);
                break;
            case double d:
                json.WriteNumberValue(d);
                break;
            case float f:
                json.WriteNumberValue(f);
                break;
            case decimal m:
                json.WriteNumberValue(m);
                break;
            case string s:
                json.WriteStringValue(s);
                break;
            case byte[] bytes:
                json.WriteBase64StringValue(bytes);
                break;
            case ulong u:
                json.WriteNumberValue(u);
                break;
            case object value when column.Type.IsInteger:
                json.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case object value:
                json.WriteStringValue(ValueText.Format(value));
                break;
        }
    }
}
