using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>A file that was measured.</summary>
/// <param name="Name">Its path in the image, with <c>/</c>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">32 bytes.</param>
public sealed record MeasuredFile(string Name, long Length, ReadOnlyMemory<byte> Sha256);

/// <summary>
/// What <c>culvert measure</c> found, as JSON that a manifest is made from (docs/specs/enclave-image.md; read by
/// <see cref="MeasuredSets"/>). Equal measurements give equal bytes.
/// </summary>
public sealed record MeasurementDocument
{
    private const string Format = "measurement 1";

    /// <summary>What measures.</summary>
    public required EvidenceKind Kind { get; init; }

    /// <summary>What could be computed, by name, lower-case hexadecimal.</summary>
    public required ImmutableSortedDictionary<string, string> Values { get; init; }

    /// <summary>Names of the measured set that could not be computed, with the reason.</summary>
    public ImmutableSortedDictionary<string, string> Missing { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What it stands for, in a line for people.</summary>
    public required string Description { get; init; }

    /// <summary>SHA-256 over the image's files (EnclaveImage).</summary>
    public required ReadOnlyMemory<byte> ImageDigest { get; init; }

    /// <summary>The job's name and its plan's digest; null when only a program was measured.</summary>
    public (string Name, PlanDigest Plan)? Job { get; init; }

    /// <summary>What else decides the measurement: name and value, in the order to show them.</summary>
    public ImmutableArray<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>The image's files, in ordinal order of names.</summary>
    public ImmutableArray<MeasuredFile> Files { get; init; } = [];

    /// <summary>The whole measured set of the kind is there.</summary>
    public bool IsWhole => MeasuredSets.NamesOf(Kind).All(Values.ContainsKey);

    /// <summary>Writes the document, UTF-8, indented, with a line end.</summary>
    public byte[] Write()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            Write(json);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("culvert", Format);
        json.WriteString("kind", EvidenceKindName.Of(Kind));
        WriteMap(json, "values", Values.Select(pair => (pair.Key, pair.Value)));
        if (!Missing.IsEmpty)
        {
            WriteMap(json, "missing", Missing.Select(pair => (pair.Key, pair.Value)));
        }

        json.WriteString("description", Description);
        json.WriteStartObject("image");
        json.WriteString("sha256", Convert.ToHexStringLower(ImageDigest.Span));
        json.WriteNumber("files", Files.Length);
        json.WriteNumber("bytes", Files.Sum(file => file.Length));
        json.WriteEndObject();
        if (Job is var (name, plan))
        {
            json.WriteStartObject("job");
            json.WriteString("name", name);
            json.WriteString("plan", plan.ToString());
            json.WriteEndObject();
        }

        WriteMap(json, "settings", Settings);
        json.WriteStartArray("files");
        foreach (MeasuredFile file in Files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteNumber("length", file.Length);
            json.WriteString("sha256", Convert.ToHexStringLower(file.Sha256.Span));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IEnumerable<(string Name, string Value)> map)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in map)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}
