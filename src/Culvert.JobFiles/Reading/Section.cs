using System.Globalization;
using Culvert.JobFiles.Keys;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;

namespace Culvert.JobFiles.Reading;

/// <summary>
/// A map of known keys, read after its shape was checked: what does not fit was complained about then and is null here.
/// </summary>
internal readonly record struct Section(YamlMap Map)
{
    internal YamlNode? Node(string key) => Map.Find(key);

    internal YamlScalar? Scalar(string key) => Map.Find(key) is YamlScalar { IsNull: false } scalar ? scalar : null;

    internal string? Text(string key) => Scalar(key)?.Value;

    internal bool Has(string key) => Map.Find(key) is not null;

    internal bool Flag(string key, bool otherwise = false) => Text(key) switch { "true" => true, "false" => false, _ => otherwise };

    internal int? Whole(string key) =>
        int.TryParse(Text(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : null;

    internal TimeSpan? Span(string key) => Text(key) is { } text && Duration.TryParse(text, out TimeSpan span) ? span : null;

    internal Section? Inner(string key) => Map.Find(key) is YamlMap map ? new Section(map) : null;

    internal Place PlaceOf(string key) => Map.PlaceOf(key);

    /// <summary>The scalars of a list, or the one scalar that stands for a list of one.</summary>
    internal IReadOnlyList<YamlScalar> Scalars(string key) => Map.Find(key) switch
    {
        YamlScalar { IsNull: false } one => [one],
        YamlList list => [.. list.Items.OfType<YamlScalar>()],
        _ => [],
    };

    /// <summary>The entries of a map whose values are scalars.</summary>
    internal IReadOnlyList<KeyValuePair<YamlScalar, YamlScalar>> ScalarMap(string key) => Map.Find(key) is YamlMap map
        ? [.. map.Entries.Where(e => e.Value is YamlScalar).Select(e => KeyValuePair.Create(e.Key, (YamlScalar)e.Value))]
        : [];

    /// <summary>The entries of a map from columns to types; those that are no types are left out.</summary>
    internal IReadOnlyList<(YamlScalar Name, ColumnType Type)> Types(string key)
    {
        List<(YamlScalar, ColumnType)> found = [];
        foreach ((YamlScalar name, YamlScalar value) in ScalarMap(key))
        {
            if (ColumnType.TryParse(value.Value, out ColumnType type))
            {
                found.Add((name, type));
            }
        }

        return found;
    }
}
