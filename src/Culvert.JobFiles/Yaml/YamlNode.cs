namespace Culvert.JobFiles.Yaml;

/// <summary>A part of a YAML file, with where it stands.</summary>
internal abstract class YamlNode(Place place)
{
    internal Place Place { get; } = place;

    /// <summary>Parts in it, itself included; what an alias repeats counts each time.</summary>
    internal abstract int NodeCount { get; }

    /// <summary>Levels, 1 for a scalar.</summary>
    internal abstract int Depth { get; }

    /// <summary>What it is, for messages.</summary>
    internal abstract string Describe();
}
