using System.Buffers;
using Culvert.Sealing;

namespace Culvert.Enclaves;

/// <summary>
/// What runs behind the boundary: greets with a fresh key, waits for the owner's release, and works. Each step takes one kind
/// of message; anything else ends it.
/// </summary>
public static class WorkerProgram
{
    /// <summary>How long an owner may take to release keys: a person may have to type a passphrase.</summary>
    private static readonly TimeSpan s_releasePatience = TimeSpan.FromMinutes(10);

    /// <summary>Runs a worker until its host says stop; 0, or 1 when something went wrong.</summary>
    /// <param name="channel">To the host; stays the caller's.</param>
    /// <param name="backend">What it runs in, for the hello.</param>
    /// <param name="builder">Makes the plan of what the release brings.</param>
    /// <param name="services">Clock, entropy and memory.</param>
    public static int Run(IMessageChannel channel, string backend, IPlanBuilder builder, Func<WorkerSetup, IWorkerServices> services)
    {
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        ArrayBufferWriter<byte> hello = new();
        new HelloMessage(key.PublicKey.Bytes.ToArray(), backend, []).Write(hello);
        if (channel.Send(ChannelLimits.StallMax, hello.WrittenSpan) != SendStatus.Sent)
        {
            return 1;
        }

        Outcome<WorkerSetup> opened = AwaitRelease(channel, key, builder);
        if (opened.Failure is { } failure)
        {
            ArrayBufferWriter<byte> failed = new();
            new FailedMessage(failure.Kind, failure.Message).Write(failed);
            channel.Send(ChannelLimits.StallMax, failed.WrittenSpan);
            return 1;
        }

        using WorkerSetup setup = opened.Value;
        channel.Send(ChannelLimits.StallMax, [(byte)MessageKind.Ready]);
        using StageWorker worker = new(channel, setup, services(setup));
        return worker.Work() ? 0 : 1;
    }

    private static Outcome<WorkerSetup> AwaitRelease(IMessageChannel channel, HpkePrivateKey key, IPlanBuilder builder)
    {
        Outcome<Message> received = channel.Await(s_releasePatience, "the owner's release");
        if (received.Failure is { } failure)
        {
            return failure;
        }

        using Message message = received.Value;
        if (message.Length == 0 || message.Bytes[0] != (byte)MessageKind.Release)
        {
            return new Failure(FailureKind.Integrity, "the host sent something else before the owner's release");
        }

        if (message.Length > MessageLimits.ReleaseBytesMax)
        {
            return new Failure(FailureKind.TooLarge, "the release is too long");
        }

        Outcome<WorkerSetup> opened = StageRelease.Open(key, message.Bytes[1..], builder);
        return opened.Failure is { Kind: FailureKind.Malformed } malformed
            ? new Failure(FailureKind.Integrity, $"the release cannot be opened: {malformed.Message}")
            : opened;
    }
}
