using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Hands rows to .NET code, with the identity of each.</summary>
internal sealed class CallbackSink(ICallbackSink receiver, PartitionId partition) : ISinkWriter
{
    private Round _round = Round.None;
    private long _index;
    private bool _ended;

    public void Write(Batch batch, Round round)
    {
        if (round != _round)
        {
            (_round, _index) = (round, 0);
        }

        try
        {
            receiver.Receive(batch, new OutputIdentity(partition, round, _index));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new StageFailedException($"the code that receives the events failed: {failure.Message}", failure);
        }

        _index += batch.Count;
    }

    public void CloseRound(Round round, Watermark watermark)
    {
    }

    public void Complete()
    {
        _ended = true;
        receiver.Complete();
    }

    internal void Fail(Exception failure)
    {
        if (!_ended)
        {
            _ended = true;
            receiver.Fail(failure);
        }
    }

    public void WritePosition(IBufferWriter<byte> writer)
    {
        writer.GetSpan(1)[0] = 1; // nothing to go back to: what was handed over stays there
        writer.Advance(1);
    }

    public void MakeDurable()
    {
    }

    public void Dispose()
    {
    }
}
