using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>A sink that is kept by a <see cref="SinkStore"/>.</summary>
internal sealed class RecordedSinkSpec(string name) : SinkSpec
{
    internal string Name => name;

    public override string Canonical => $"recorded {name}";

    public override string Description => $"the recorded sink {name}";
}
