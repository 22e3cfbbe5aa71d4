namespace Culvert.JobFiles.Yaml;

/// <summary>What a job file may be at most; more is refused with the limit's name.</summary>
public static class YamlLimits
{
    /// <summary>Characters of a file: a job is written by hand, and its data stand elsewhere.</summary>
    public const int TextLengthMax = 1 << 20;

    /// <summary>Levels of maps and lists: the deepest key of a job file is on level 7.</summary>
    public const int DepthMax = 32;

    /// <summary>Scalars, lists and maps after aliases are followed: what an alias stands for counts each time it is used.</summary>
    public const int NodesMax = 100_000;

    /// <summary>Aliases.</summary>
    public const int AliasesMax = 1_000;
}
