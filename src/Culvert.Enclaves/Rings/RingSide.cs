namespace Culvert.Enclaves.Rings;

/// <summary>What both ends of one side of a channel are made with.</summary>
/// <param name="Condition">Shared by both ends.</param>
/// <param name="RingBytes">Capacity of each ring, as this side knows it from elsewhere than the shared memory.</param>
/// <param name="MessageBytesMax">Longest message.</param>
/// <param name="StallMax">How long a message may stand still halfway.</param>
/// <param name="CheckPeer">Asked now and then while waiting: why the other side's process is gone, or null.</param>
internal sealed record RingSide(RingCondition Condition, int RingBytes, int MessageBytesMax, TimeSpan StallMax, Func<Failure?>? CheckPeer);
