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
/// What <c>culvert measure</c> found, as JSON that a manifest is made from (docs/specs/enclave-image.md). Equal measurements
/// give equal bytes.
/// </summary>
public sealed record MeasurementDocument
{
    /// <summary>Bytes of the longest document that is read.</summary>
    public const int BytesMax = 16 << 20;

    private const string Format = "measurement 1";
    private const int DescriptionCharactersMax = 1024;

    private static readonly string[] s_members = ["culvert", "kind", "values", "missing", "description", "image", "job", "settings", "files"];

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
    public bool IsWhole => NamesMissing(Kind, Values).Length == 0;

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

    /// <summary>
    /// Reads what a manifest accepts from a document. Refuses one that is malformed, has members that are not known, or lacks a
    /// part of the kind's measured set: less than all of it says nothing of the code.
    /// </summary>
    public static Outcome<AcceptedMeasurement> Read(ReadOnlyMemory<byte> text)
    {
        if (text.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"measurement: {text.Length} bytes; at most {BytesMax} are read");
        }

        Outcome<AcceptedMeasurement> read = JsonFields.Read(text, "measurement", ReadRoot);
        return read.Succeeded && NamesMissing(read.Value.Kind, read.Value.Values) is { Length: > 0 } missing
            ? new Failure(FailureKind.Missing, $"measurement: {string.Join(", ", missing)} of {EvidenceKindName.Of(read.Value.Kind)} cannot be left open; measure again with what was missing")
            : read;
    }

    private static string[] NamesMissing(EvidenceKind kind, ImmutableSortedDictionary<string, string> values) =>
        [.. WorkloadAppraisal.MeasuredSet(kind).Where(name => !values.ContainsKey(name))];

    private static AcceptedMeasurement ReadRoot(JsonElement root)
    {
        if (root.Text("culvert") != Format)
        {
            throw new JsonException($"culvert is not \"{Format}\"");
        }

        if (root.EnumerateObject().FirstOrDefault(member => !s_members.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new JsonException($"member {unknown.Name} is not known; there are {string.Join(", ", s_members)}");
        }

        EvidenceKind kind = EvidenceKindName.Parse(root.Text("kind"));
        IReadOnlyList<string> set = WorkloadAppraisal.MeasuredSet(kind);
        if (set.Count == 0)
        {
            throw new JsonException($"kind {root.Text("kind")} is not known");
        }

        string description = root.Text("description");
        if (description.Length > DescriptionCharactersMax || description.Any(char.IsControl))
        {
            throw new JsonException($"description is not a line of at most {DescriptionCharactersMax} characters");
        }

        return new AcceptedMeasurement(kind, ReadValues(root.Need("values", JsonValueKind.Object), set), description);
    }

    private static ImmutableSortedDictionary<string, string> ReadValues(JsonElement values, IReadOnlyList<string> set)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty member in values.EnumerateObject())
        {
            if (!set.Contains(member.Name))
            {
                throw new JsonException($"{member.Name} is not in the measured set; there are {string.Join(", ", set)}");
            }

            byte[] value = JsonFields.OfHex(values.Text(member.Name), member.Name);
            if (value.Length is not (32 or 48))
            {
                throw new JsonException($"{member.Name} has {value.Length} bytes; measurements have 32 or 48");
            }

            read.Add(member.Name, Convert.ToHexStringLower(value));
        }

        return read.ToImmutable();
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
