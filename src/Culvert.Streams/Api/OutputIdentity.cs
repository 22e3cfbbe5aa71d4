namespace Culvert.Streams;

/// <summary>
/// Which output an event is: the same event has the same identity in every run and replay of a plan over the same input,
/// so that a receiver that is told twice can tell.
/// </summary>
/// <param name="Partition">The partition of the last stage.</param>
/// <param name="Round">The round in which it came out.</param>
/// <param name="Index">Its place in the partition's output of the round, from 0.</param>
public readonly record struct OutputIdentity(PartitionId Partition, Round Round, long Index);
