using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>Where two documents differ, for the person who has to mend one.</summary>
internal static class JsonDifference
{
    /// <summary>The path of the first value that is not the same, such as <c>platforms.tdx.maximumVmpl</c>.</summary>
    internal static string Find(JsonElement given, JsonElement expected) => Find(given, expected, "") ?? "the document";

    private static string? Find(JsonElement given, JsonElement expected, string path)
    {
        if (given.ValueKind == JsonValueKind.Object && expected.ValueKind == JsonValueKind.Object)
        {
            return given.EnumerateObject()
                .Select(member => expected.TryGetProperty(member.Name, out JsonElement other)
                    ? Find(member.Value, other, Below(path, member.Name))
                    : Below(path, member.Name))
                .Concat(expected.EnumerateObject().Where(member => !given.TryGetProperty(member.Name, out _)).Select(member => Below(path, member.Name)))
                .FirstOrDefault(found => found is not null);
        }

        if (given.ValueKind == JsonValueKind.Array && expected.ValueKind == JsonValueKind.Array && given.GetArrayLength() == expected.GetArrayLength())
        {
            return given.EnumerateArray().Zip(expected.EnumerateArray())
                .Select((pair, i) => Find(pair.First, pair.Second, $"{path}[{i}]"))
                .FirstOrDefault(found => found is not null);
        }

        return JsonElement.DeepEquals(given, expected) && given.ValueKind != JsonValueKind.Number ? null
            : given.ValueKind == JsonValueKind.Number && given.GetRawText() == expected.GetRawText() ? null
            : path;
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
