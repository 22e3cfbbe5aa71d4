using System.Collections.Immutable;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// Full measured sets, as manifests accept them and <c>culvert measure --json</c> prints them: each name of its kind's set and no
/// other, so that nobody accepts code by the name of its maker alone.
/// </summary>
public static class MeasuredSets
{
    /// <summary>Bytes of the longest document of one set; the list of an image's files is the longest part.</summary>
    public const int BytesMax = 16 << 20;

    /// <summary>The names of a kind's full measured set; empty for a kind that has none.</summary>
    public static IReadOnlyList<string> NamesOf(EvidenceKind kind) => WorkloadAppraisal.MeasuredSet(kind);

    /// <summary>
    /// Reads one set: an object with <c>kind</c>, <c>values</c> and, if it likes, <c>description</c>. Other members are for people,
    /// and are not looked at. Refuses a set that is not full, with the names that it lacks.
    /// </summary>
    public static Outcome<AcceptedMeasurement> Parse(ReadOnlyMemory<byte> text) => text.Length > BytesMax
        ? new Failure(FailureKind.TooLarge, $"measurement: {text.Length} bytes; at most {BytesMax} are read")
        : JsonFields.Read(text, "measurement", root => Read(root, "it"));

    /// <summary>Kind and values as one text, the same for equal sets whatever their description.</summary>
    internal static string NameOf(AcceptedMeasurement set) =>
        $"{EvidenceKindName.Of(set.Kind)} {string.Join(' ', set.Values.Select(value => $"{value.Key}={value.Value}"))}";

    internal static EvidenceKind KindOf(string name) =>
        EvidenceKindName.Parse(name) is var kind && kind != EvidenceKind.Unknown ? kind : throw new JsonException($"there is no kind of evidence '{name}'");

    internal static AcceptedMeasurement Read(JsonElement set, string what)
    {
        EvidenceKind kind = KindOf(set.Text("kind"));
        ImmutableSortedDictionary<string, string> values = set.Need("values", JsonValueKind.Object).EnumerateObject()
            .Take(ManifestLimits.EntriesMax)
            .ToImmutableSortedDictionary(
                member => member.Name,
                member => member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : throw new JsonException($"{what}: {member.Name} is no text"),
                StringComparer.Ordinal);
        string[] missing = [.. NamesOf(kind).Where(name => !values.ContainsKey(name))];
        string[] others = [.. values.Keys.Where(name => !NamesOf(kind).Contains(name))];
        if (missing.Length > 0)
        {
            throw new JsonException(
                $"{what}: a measured set of {EvidenceKindName.Of(kind)} lacks {string.Join(", ", missing)}"
                + (others.Length > 0 ? $"; {string.Join(", ", others)} does not say what code runs" : ""));
        }

        if (others.Length > 0)
        {
            throw new JsonException($"{what}: {string.Join(", ", others)} is not in the measured set of {EvidenceKindName.Of(kind)}, which is {string.Join(", ", NamesOf(kind))}");
        }

        foreach ((string name, string value) in values)
        {
            CheckHex(value, $"{what}: {name}", ManifestLimits.ValueBytesMin, ManifestLimits.ValueBytesMax);
        }

        string description = set.Find("description", JsonValueKind.String)?.GetString() ?? "";
        return description.Length <= ManifestLimits.TextMax
            ? new AcceptedMeasurement(kind, values, description)
            : throw new JsonException($"{what}: a description of over {ManifestLimits.TextMax} characters");
    }

    internal static void CheckHex(string text, string name, int bytesMin, int bytesMax)
    {
        if (text.Length % 2 != 0 || text.Length < 2 * bytesMin || text.Length > 2 * bytesMax || !text.All(char.IsAsciiHexDigitLower))
        {
            throw new JsonException($"{name} is not lower-case hexadecimal of {(bytesMin == bytesMax ? $"{bytesMin}" : $"{bytesMin} to {bytesMax}")} bytes");
        }
    }
}
