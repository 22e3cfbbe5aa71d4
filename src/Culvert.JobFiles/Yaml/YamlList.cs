namespace Culvert.JobFiles.Yaml;

/// <summary>A YAML sequence.</summary>
internal sealed class YamlList(Place place, IReadOnlyList<YamlNode> items) : YamlNode(place)
{
    internal IReadOnlyList<YamlNode> Items { get; } = items;

    internal override int NodeCount { get; } = 1 + items.Sum(i => i.NodeCount);

    internal override int Depth { get; } = 1 + items.Select(i => i.Depth).DefaultIfEmpty().Max();

    internal override string Describe() => "a list";
}
