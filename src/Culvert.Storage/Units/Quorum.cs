namespace Culvert.Storage;

/// <summary>How many clouds of n = 3f + 1 it takes (DepSky, section 3).</summary>
/// <param name="Faults">f: how many may be faulty, 0 to <see cref="UnitLimits.FaultsMax"/>.</param>
public readonly record struct Quorum(int Faults)
{
    /// <summary>n.</summary>
    public int Clouds => (3 * Faults) + 1;

    /// <summary>n - f: what can be waited for.</summary>
    public int Enough => Clouds - Faults;

    /// <summary>f + 1: among so many is a correct one.</summary>
    public int OneCorrect => Faults + 1;
}
