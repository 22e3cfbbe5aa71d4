using System.Collections.Immutable;

namespace Culvert.Stages;

/// <summary>A partition's state as read from a snapshot; the tables belong to the step that is made from it.</summary>
/// <param name="Meta">What <see cref="FrozenPartition.Meta"/> was.</param>
/// <param name="Tables">The tables by name.</param>
public sealed record PartitionState(ReadOnlyMemory<byte> Meta, IReadOnlyDictionary<string, StateTable> Tables)
{
    private readonly StepState.Header _header = StepState.ReadHeader(Meta.Span);

    /// <summary>The last complete round.</summary>
    public Round Completed => _header.Completed;

    /// <summary>True when the partition had worked off all its input.</summary>
    public bool Finished => _header.Finished;

    internal Watermark Watermark => _header.Watermark;

    internal ImmutableArray<Watermark> ChannelWatermarks => _header.Channels;
}

/// <summary>A partition's state at the end of a round, held still while its step goes on.</summary>
/// <param name="Producer">Whose.</param>
/// <param name="Round">The last complete round.</param>
/// <param name="Meta">The timestamp vector, watermarks, sequence numbers and the operators' cells.</param>
/// <param name="Tables">The tables by name; dispose each version once it is written.</param>
public sealed record FrozenPartition(
    Producer Producer, Round Round, ReadOnlyMemory<byte> Meta, IReadOnlyList<(string Name, StateVersion Version)> Tables);
