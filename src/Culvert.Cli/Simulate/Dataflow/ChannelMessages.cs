using Culvert.Stages;

namespace Culvert.Cli.Simulate;

/// <summary>A channel of a router between two workers: the frames of one producer to one partition along one edge.</summary>
internal readonly record struct RouterChannel(EdgeId Edge, PartitionId To, Producer From);

/// <summary>A frame under way, with the router's own number of it. Who takes the frame retains its batch: the message keeps its own reference.</summary>
internal sealed record Carried(RouterChannel Channel, long Number, Frame Frame)
{
    public override string ToString() => $"[{Number}] {Frame}";
}

/// <summary>All frames of a channel below this number have come.</summary>
internal sealed record Acknowledged(RouterChannel Channel, long Next)
{
    public override string ToString() => $"ack {Channel.Edge} {Channel.From}->{Channel.To} [{Next}]";
}
