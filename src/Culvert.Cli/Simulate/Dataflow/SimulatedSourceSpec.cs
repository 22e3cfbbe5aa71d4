using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>A source whose rounds the scenario makes up; it is read by the scenario, never by an engine.</summary>
internal sealed class SimulatedSourceSpec(string name, int partitions) : SourceSpec
{
    internal string Name => name;

    public override int PartitionCount => partitions;

    public override string Canonical => $"simulated {name}";

    public override string Description => $"the simulated source {name}";
}
