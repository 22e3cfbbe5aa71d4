namespace Culvert.Sealing;

/// <summary>An edge's key of one key epoch.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="From">The first round whose frames are sealed with it: epochs change at ends of rounds only.</param>
/// <param name="Key">The key; owned by the <see cref="EdgeKeys"/> that it came from.</param>
public readonly record struct EpochKey(KeyEpoch Epoch, Round From, Secret Key);
