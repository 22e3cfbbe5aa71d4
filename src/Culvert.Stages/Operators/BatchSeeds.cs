using System.Buffers.Binary;

namespace Culvert.Stages;

/// <summary>
/// Seeds for code that wants randomness: a function of the plan, the operator, its partition, the round and the batch's
/// place in it, so that a replay draws the same numbers.
/// </summary>
internal sealed class BatchSeeds(PlanDigest plan, StageId stage, PartitionId partition, int op)
{
    private readonly ulong _origin = StateHash.Of((ulong)plan.Low ^ StateHash.Of(
        ((ulong)(uint)stage.Value << 40) | ((ulong)(uint)partition.Value << 20) | (uint)op));

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
