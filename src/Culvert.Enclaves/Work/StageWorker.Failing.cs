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
        lock (_failing)
        {
            SendReport(partition.Step.Producer, partition.Reports, partition.Report(failure), partition.NextReport);
            partition.NextReport = partition.NextReport.Next;
            partition.LastReportAt = Now;
        }
    }

    private void SendReport(Producer producer, FrameSealer sealer, PartitionReport report, SequenceNumber number)
    {
        System.Buffers.ArrayBufferWriter<byte> payload = new();
        report.Write(payload);
        byte[] frame = new byte[FrameFormat.FrameBytes(payload.WrittenCount, isSealed: true)];
        FramePlace place = new(FrameKind.Data, WorkerSetup.ReportEdge(Plan, producer.Stage), new PartitionId(0), new Round(0), number);
        sealer.Seal(place, 0, 1, payload.WrittenSpan, frame);
        Send([(byte)MessageKind.Frame], frame);
    }

    /// <summary>The failure of a partition that could not even be made.</summary>
    private void SendReportOf(Producer producer, Exception failure)
    {
        using FrameSealer sealer = new(Run, Plan.Digest, _keys, producer, InstanceSalt.Random(_services.Entropy));
        SendReport(producer, sealer, new PartitionReport(0, 0, 0, false, Describe(producer, failure)), default);
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
            if (_assigning is { } unmade)
            {
                SendReportOf(unmade, failure);
            }
            else if (teller is not null)
            {
                SendReport(teller, Describe(teller.Step.Producer, failure));
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

    private string Describe(Producer producer, Exception failure)
    {
        string stage = Plan.Stages[producer.Stage.Value].Name;
        return failure switch
        {
            RowFailedException row => RowFailure.Describe(row, stage),
            IntegrityException or StageFailedException or StateLimitException or SourceFailedException or StateIntegrityException => failure.Message,
            _ => $"{stage}: {failure.GetType().Name}: {failure.Message}",
        };
    }
}
