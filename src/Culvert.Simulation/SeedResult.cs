namespace Culvert.Simulation;

/// <summary>What came of one seed.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Failure">What went wrong, or null.</param>
/// <param name="Steps">Events that happened.</param>
/// <param name="VirtualTime">How long it took in the world.</param>
/// <param name="Fingerprint">A digest of what happened.</param>
/// <param name="Sightings">What was seen, and how often.</param>
/// <param name="Trace">What happened, where a trace was kept.</param>
public sealed record SeedResult(
    string Scenario,
    ulong Seed,
    string? Failure,
    long Steps,
    TimeSpan VirtualTime,
    ulong Fingerprint,
    IReadOnlyDictionary<string, long> Sightings,
    string Trace)
{
    /// <summary>What the command is told besides (<see cref="Culvert.Simulation.Scenario.Arguments"/>).</summary>
    public string Arguments { get; init; } = "";

    /// <summary>The command that runs this seed again.</summary>
    public string ReplayCommand => $"culvert simulate --protocol {Scenario}{Arguments} --seed {Seed} --trace";

    /// <summary>For people: the failure, the seed, the command that replays it, and the end of the trace.</summary>
    public override string ToString() => Failure is null
        ? $"{Scenario}: seed {Seed} passed in {Steps} steps"
        : $"{Scenario}: seed {Seed} failed after {Steps} steps: {Failure}\nreplay: {ReplayCommand}\n{Trace}";
}
