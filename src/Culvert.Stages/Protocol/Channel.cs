namespace Culvert.Stages;

/// <summary>One input of a partition: the frames of one producer along one edge. Channels are ordered by edge, then producer.</summary>
public readonly record struct Channel(EdgeId Edge, Producer Producer) : IComparable<Channel>
{
    /// <inheritdoc/>
    public int CompareTo(Channel other)
    {
        int edge = Edge.CompareTo(other.Edge);
        return edge != 0 ? edge : Producer.CompareTo(other.Producer);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Edge}:{Producer}";
}
