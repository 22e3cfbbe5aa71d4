namespace Culvert.JobFiles.Yaml;

/// <summary>A YAML mapping whose keys are distinct scalars, in the order of the file.</summary>
internal sealed class YamlMap(Place place, IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> entries) : YamlNode(place)
{
    internal IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> Entries { get; } = entries;

    internal override int NodeCount { get; } = 1 + entries.Sum(e => 1 + e.Value.NodeCount);

    internal override int Depth { get; } = 1 + entries.Select(e => e.Value.Depth).DefaultIfEmpty().Max();

    /// <summary>The value of a key, or null.</summary>
    internal YamlNode? Find(string key)
    {
        foreach ((YamlScalar k, YamlNode value) in Entries)
        {
            if (k.Value == key)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Where a key stands; the map's own place when it is not there.</summary>
    internal Place PlaceOf(string key) => Entries.FirstOrDefault(e => e.Key.Value == key).Key?.Place ?? Place;

    internal override string Describe() => "a map";
}
