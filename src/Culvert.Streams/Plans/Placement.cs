namespace Culvert.Streams;

/// <summary>Labels that the planner itself puts on stages.</summary>
public static class Placement
{
    /// <summary>
    /// The stage runs where its owner is: a source that is read in the open, or a sink that writes in the open, of a stream
    /// that is protected otherwise. It holds nothing but the source or the sink.
    /// </summary>
    public const string Owner = "owner";
}
