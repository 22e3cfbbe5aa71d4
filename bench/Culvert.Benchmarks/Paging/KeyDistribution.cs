namespace Culvert.Benchmarks.Paging;

/// <summary>How events choose their keys.</summary>
public enum KeyDistribution
{
    /// <summary>The key of rank r in proportion to 1/r; ranks have nothing to do with where keys lie.</summary>
    Zipf,

    /// <summary>Every key alike: nothing is worth keeping.</summary>
    Uniform,
}
