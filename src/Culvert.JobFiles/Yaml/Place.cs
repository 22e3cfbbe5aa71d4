namespace Culvert.JobFiles.Yaml;

/// <summary>A place in a file; both count from 1.</summary>
internal readonly record struct Place(int Line, int Column)
{
    internal static Place Start => new(1, 1);
}
