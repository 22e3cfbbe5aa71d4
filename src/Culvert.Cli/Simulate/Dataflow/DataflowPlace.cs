using Culvert.Simulation;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>What outlives the processes of a run: the plan, the input, the sinks, and whoever wishes it ill.</summary>
/// <param name="World">Where it is; the snapshots are on its disk <see cref="SnapshotDisk"/>.</param>
/// <param name="Plan">What is run.</param>
/// <param name="Input">What the sources hold.</param>
/// <param name="Sinks">What has come out.</param>
/// <param name="Attack">What the router does to a frame, or null.</param>
/// <param name="Flaw">A planted bug, or null.</param>
internal sealed record DataflowPlace(
    World World, Plan Plan, DataflowInput Input, SinkStore Sinks, RouterAttack? Attack, DataflowFlaw? Flaw)
{
    internal const string SnapshotDisk = "snapshots";
}
