using System.Buffers.Binary;

namespace Culvert.Stages;

/// <summary>
/// Seeds for code that wants randomness: a function of what the plan computes, the operator, its partition, the round and
/// the batch's place in it, so that a replay draws the same numbers, and so does the same job under another protection.
/// </summary>
internal sealed class BatchSeeds(PlanDigest computation, int op, PartitionId partition)
{
    private readonly ulong _origin = StateHash.Of((ulong)computation.Low ^ StateHash.Of(((ulong)(uint)op << 32) | (uint)partition.Value));

    private long _round;
    private long _index;

    internal void StartRound(Round round)
    {
        _round = round.Value;
        _index = 0;
    }

    internal ulong Next() => StateHash.Of(_origin ^ StateHash.Of(((ulong)_round << 24) ^ (ulong)_index++));

    internal void Save(ByteBuffer cells) => BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), _round);

    internal void Restore(ReadOnlySpan<byte> cells) => StartRound(new Round(BinaryPrimitives.ReadInt64LittleEndian(cells)));
}
