using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Opens the sinks of a run, and makes them durable before a snapshot counts.</summary>
internal sealed class SinkRoom : IStageServices
{
    private readonly Lock _lock = new();
    private readonly List<ISinkWriter> _open = [];

    public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position)
    {
        ISinkWriter writer = sink.Sink is CallbackSinkSpec callback ? new CallbackSink(callback.Open(sink.Schema), partition)
            : sink.Sink is IOpenableSink openable ? openable.Open(sink.Schema, partition, position)
            : throw new StageFailedException($"nobody here can open the sink {sink.Sink.Description}");
        lock (_lock)
        {
            _open.Add(writer);
        }

        return writer;
    }

    /// <summary>Tells callbacks how the run ended, if it did not complete them. Once the workers have ended.</summary>
    internal void Fail(Exception failure)
    {
        foreach (CallbackSink callback in _open.OfType<CallbackSink>())
        {
            try
            {
                callback.Fail(failure);
            }
            catch (Exception)
            {
                // The run's own end is the one to tell, and the other callbacks are to hear of it too.
            }
        }
    }

    internal void MakeDurable()
    {
        ISinkWriter[] writers;
        lock (_lock)
        {
            writers = [.. _open];
        }

        foreach (ISinkWriter writer in writers)
        {
            writer.MakeDurable();
        }
    }
}
