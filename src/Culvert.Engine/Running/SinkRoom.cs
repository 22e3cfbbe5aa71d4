using System.Buffers;
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
            : sink.Sink is IOpenableSink openable ? Open(openable, sink.Schema, partition, position)
            : throw new StageFailedException($"nobody here can open the sink {sink.Sink.Description}");
        lock (_lock)
        {
            _open.Add(writer);
        }

        return writer;
    }

    /// <summary>How a result is shown is no part of a plan, so its sink's positions say of which form they are.</summary>
    private static FormedSink Open(IOpenableSink sink, Schema schema, PartitionId partition, ReadOnlySpan<byte> position)
    {
        FieldReader reader = new(position);
        string form = position.IsEmpty ? sink.Form : reader.Text(position.Length);
        return form == sink.Form
            ? new FormedSink(sink.Open(schema, partition, reader.Take(reader.Left)), form)
            : throw new StageFailedException($"cannot resume: the result was written as '{form}' so far, and would go on as '{sink.Form}': ask for the same --format and -o as before");
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

    private sealed class FormedSink(ISinkWriter sink, string form) : ISinkWriter
    {
        public void Write(Batch batch, Round round) => sink.Write(batch, round);

        public void CloseRound(Round round, Watermark watermark) => sink.CloseRound(round, watermark);

        public void Complete() => sink.Complete();

        public void WritePosition(IBufferWriter<byte> writer)
        {
            writer.Text(form);
            sink.WritePosition(writer);
        }

        public void MakeDurable() => sink.MakeDurable();

        public void Dispose() => sink.Dispose();
    }
}
