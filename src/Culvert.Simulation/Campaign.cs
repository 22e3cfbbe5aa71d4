namespace Culvert.Simulation;

/// <summary>What came of many seeds, up to the first that failed.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Seeds">Seeds that were run, the failed one included.</param>
/// <param name="Steps">Events in all of them.</param>
/// <param name="Sightings">What was seen, and how often, in all of them.</param>
/// <param name="Failed">The seed that failed, with its trace; or null.</param>
public sealed record Campaign(
    string Scenario, int Seeds, long Steps, IReadOnlyDictionary<string, long> Sightings, SeedResult? Failed)
{
    /// <summary>
    /// What of the things that make a campaign worth having was never seen: empty, or the run is inconclusive, whatever
    /// passed.
    /// </summary>
    public IReadOnlyList<string> Unseen(params IEnumerable<string> wanted) => [.. wanted.Where(w => !Sightings.ContainsKey(w))];
}
