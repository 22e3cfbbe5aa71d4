using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <content>How a worker tells that it is at its end: the owner all of it, the host what it may know.</content>
public sealed partial class StageWorker
{
    private readonly Lock _failing = new();
    private bool _hasFailed;

    private void SendReport(WorkerPartition partition, string? failure)
    {
        Producer producer = partition.Step.Producer;
        lock (_failing)
        {
            System.Buffers.ArrayBufferWriter<byte> report = new();
            partition.Report(failure).Write(report);
            byte[] frame = new byte[FrameFormat.FrameBytes(report.WrittenCount, isSealed: true)];
            FramePlace place = new(FrameKind.Data, WorkerSetup.ReportEdge(Plan), new PartitionId(0), new Round(0), partition.NextReport);
            partition.Reports.Seal(place, 0, 1, report.WrittenSpan, frame);
            partition.NextReport = partition.NextReport.Next;
            Send([(byte)MessageKind.Frame], frame);
        }
    }

    private void Fail(WorkerPartition? partition, Exception failure)
    {
        lock (_failing)
        {
            if (_hasFailed || failure is ChannelEndedException)
            {
                return;
            }

            _hasFailed = true;
        }

        try
        {
            // A failure that is nobody's in particular is told through whichever partition there is.
            WorkerPartition? teller = partition ?? _partitions.Values.FirstOrDefault();
            if (teller is not null)
            {
                SendReport(teller, Describe(teller, failure));
            }

            FailedMessage message = failure switch
            {
                IntegrityException known => new FailedMessage(FailureKind.Integrity, known.ForHost),
                StateIntegrityException => new FailedMessage(FailureKind.Integrity, failure.Message),
                _ => new FailedMessage(FailureKind.Io, partition is null
                    ? "a worker failed; the owner knows more"
                    : $"{partition.Step.Producer} failed; the owner knows more"),
            };
            System.Buffers.ArrayBufferWriter<byte> writer = new();
            message.Write(writer);
            Send(writer.WrittenSpan);
        }
        catch (ChannelEndedException)
        {
            // There is nobody left to tell.
        }
    }

    private string Describe(WorkerPartition partition, Exception failure)
    {
        string stage = Plan.Stages[partition.Step.Producer.Stage.Value].Name;
        return failure switch
        {
            RowFailedException row => RowFailure.Describe(row, stage),
            IntegrityException or StageFailedException or StateLimitException or SourceFailedException or StateIntegrityException => failure.Message,
            _ => $"{stage}: {failure.GetType().Name}: {failure.Message}",
        };
    }
}
