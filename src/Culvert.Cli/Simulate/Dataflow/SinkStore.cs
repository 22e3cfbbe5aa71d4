using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Culvert.Simulation;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>
/// The sinks' files as they outlive processes: rows as text, in order. A crash may take what lies behind the last place
/// that was made durable; a sink that is opened at a position is cut back to it.
/// </summary>
internal sealed class SinkStore(DataflowFlaw? flaw = null) : IStageServices
{
    private readonly SortedDictionary<string, Output> _outputs = new(StringComparer.Ordinal);

    public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position)
    {
        string name = $"{((RecordedSinkSpec)sink.Sink).Name}/{partition}";
        if (!_outputs.TryGetValue(name, out Output? output))
        {
            _outputs.Add(name, output = new Output());
        }

        int kept = position.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(position);
        if (kept > output.Rows.Count)
        {
            throw new SimulationFailedException($"the sink {name} has {output.Rows.Count} rows, and a committed snapshot counts on {kept}");
        }

        if (flaw?.KeepsSinkTail != true)
        {
            output.Rows.RemoveRange(kept, output.Rows.Count - kept);
        }

        output.Durable = Math.Min(output.Durable, kept);
        output.Position = kept;
        output.IsComplete = false;
        return new Writer(output);
    }

    /// <summary>Makes all sinks durable up to the position that each wrote last.</summary>
    internal void MakeDurable()
    {
        foreach (Output output in _outputs.Values)
        {
            output.Durable = Math.Max(output.Durable, output.Position);
        }
    }

    /// <summary>All processes are gone: of what was not durable, some rows are.</summary>
    internal void Crash(Dice dice)
    {
        foreach (Output output in _outputs.Values)
        {
            int kept = dice.Between(output.Durable, output.Rows.Count);
            output.Rows.RemoveRange(kept, output.Rows.Count - kept);
        }
    }

    /// <summary>Where these sinks differ from those of an undisturbed run, or null.</summary>
    internal string? DifferenceFrom(SinkStore expected)
    {
        foreach ((string name, Output wanted) in expected._outputs)
        {
            if (!_outputs.TryGetValue(name, out Output? got) || !got.IsComplete)
            {
                return $"the sink {name} is not complete";
            }

            for (int i = 0; i < Math.Max(wanted.Rows.Count, got.Rows.Count); i++)
            {
                string right = i < wanted.Rows.Count ? wanted.Rows[i] : "nothing";
                string here = i < got.Rows.Count ? got.Rows[i] : "nothing";
                if (right != here)
                {
                    return $"row {i} of the sink {name} is ({here}), and an undisturbed run gives ({right})";
                }
            }
        }

        return null;
    }

    private sealed class Output
    {
        internal List<string> Rows { get; } = [];

        internal int Durable { get; set; }

        internal int Position { get; set; }

        internal bool IsComplete { get; set; }
    }

    private sealed class Writer(Output output) : ISinkWriter
    {
        public void Write(Batch batch, Round round)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                output.Rows.Add(string.Join(", ", batch.GetRow(row).Select(v => Convert.ToString(v, CultureInfo.InvariantCulture))));
            }
        }

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete() => output.IsComplete = true;

        public void WritePosition(IBufferWriter<byte> writer)
        {
            output.Position = output.Rows.Count;
            BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), output.Position);
            writer.Advance(sizeof(int));
        }

        public void MakeDurable() => output.Durable = Math.Max(output.Durable, output.Position);

        public void Dispose()
        {
        }
    }
}
