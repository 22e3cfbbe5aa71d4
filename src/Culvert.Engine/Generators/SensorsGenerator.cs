using System.Buffers;
using Culvert.Enclaves;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Writes the readings of <see cref="SensorSourceSpec"/> as CSV: the same bytes for the same options.</summary>
public static class SensorsGenerator
{
    /// <summary>
    /// Writes the readings to <paramref name="destination"/>, which stays open, as fast as it takes them, whatever the pace.
    /// Cancelling ends it between two rounds.
    /// </summary>
    public static void Write(Stream destination, SensorOptions options, bool header, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        CsvFormat format = new();
        ArrayBufferWriter<byte> buffer = new();
        if (header)
        {
            format.WriteHeader(SensorSourceSpec.Readings, buffer);
        }

        using ISource source = new SensorSourceSpec(options with { Paced = false }).Open(SensorSourceSpec.Readings, MachineClock.Instance);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        SourceStepKind step;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            step = partition.ReadRound(Format, cancellationToken).Kind;
            destination.Write(buffer.WrittenSpan);
            buffer.ResetWrittenCount();
        }
        while (step != SourceStepKind.End);

        void Format(Batch batch)
        {
            using (batch)
            {
                format.WriteRows(batch, buffer);
            }
        }
    }
}
