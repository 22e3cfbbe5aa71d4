namespace Culvert.JobFiles.Keys;

/// <summary>A key of a map: what stands behind it, and what it means (an editor shows this).</summary>
internal sealed record Key(string Name, Shape Shape, string Doc)
{
    /// <summary>Whether it must be there.</summary>
    internal bool Required { get; init; }

    /// <summary>The keys of which one must be there too; none when it stands alone.</summary>
    internal string[] With { get; init; } = [];
}
