using System.Text.Json;
using System.Text.Json.Serialization;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>The figures for other programs.</summary>
public static class SecureStreamsJson
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new FiniteNumber() },
    };

    /// <summary>One document: what was asked for, and every figure.</summary>
    public static string Render(SecureStreamsFigures figures) =>
        JsonSerializer.Serialize(new { Goals = SecureStreamsGoals.Of(figures), Figures = figures }, s_options) + "\n";

    /// <summary>What was not measured is null.</summary>
    private sealed class FiniteNumber : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
