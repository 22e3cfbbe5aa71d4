using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Sealing;

namespace Culvert.Enclaves;

/// <summary>
/// What runs behind the boundary: greets with fresh keys, is challenged, answers with evidence, waits for its release, and
/// works. Each step takes one kind of message; anything else ends it.
/// </summary>
public static class WorkerProgram
{
    /// <summary>How long an owner may take to challenge and to release keys: a person may have to type a passphrase.</summary>
    private static readonly TimeSpan s_releasePatience = TimeSpan.FromMinutes(10);

    /// <summary>Runs a worker until its host says stop; 0, or 1 when something went wrong.</summary>
    /// <param name="channel">To the host; stays the caller's.</param>
    /// <param name="backend">What it runs in, for the hello.</param>
    /// <param name="quoter">Makes the evidence; null where nothing attests the worker.</param>
    /// <param name="builder">Makes the plan of what the release brings.</param>
    /// <param name="services">Clock, entropy and memory.</param>
    public static int Run(IMessageChannel channel, string backend, IQuoter? quoter, IPlanBuilder builder, Func<WorkerSetup, IWorkerServices> services)
    {
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        using ECDsa signer = SigningKeys.Generate(MachineEntropy.Instance);
        byte[] signingKey = signer.ExportSubjectPublicKeyInfo();
        if (!Send(channel, new HelloMessage(key.PublicKey.Bytes.ToArray(), signingKey, backend).Write))
        {
            return 1;
        }

        Outcome<ReleaseBinding> binding = AwaitChallenge(channel, key, signingKey);
        Outcome<WorkerSetup> opened = binding.Succeeded ? Attest(channel, quoter, binding.Value) ?? AwaitRelease(channel, key, binding.Value, builder, signer) : binding.Failure;
        if (opened.Failure is { } failure)
        {
            Send(channel, new FailedMessage(failure.Kind, failure.Message).Write);
            return 1;
        }

        using WorkerSetup setup = opened.Value;
        Send(channel, new ReadyMessage(setup.Output?.Header ?? default).Write);
        using StageWorker worker = new(channel, setup, services(setup));
        return worker.Work() ? 0 : 1;
    }

    private static bool Send(IMessageChannel channel, Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> message = new();
        write(message);
        return channel.Send(ChannelLimits.StallMax, message.WrittenSpan) == SendStatus.Sent;
    }

    /// <summary>What the release will be about, with this worker's own keys in it.</summary>
    private static Outcome<ReleaseBinding> AwaitChallenge(IMessageChannel channel, HpkePrivateKey key, byte[] signingKey)
    {
        Outcome<Message> received = Await(channel, MessageKind.Challenge, "the challenge");
        if (received.Failure is { } failure)
        {
            return failure;
        }

        using Message message = received.Value;
        Outcome<ChallengeMessage> challenge = ChallengeMessage.Read(message.Bytes[1..]);
        return challenge.Succeeded
            ? challenge.Value.Binding with { ReleaseKey = [.. key.PublicKey.Bytes], SigningKey = [.. signingKey] }
            : challenge.Failure with { Kind = FailureKind.Integrity };
    }

    /// <summary>Sends evidence for the binding; the failure when there is none to be had.</summary>
    private static Outcome<WorkerSetup>? Attest(IMessageChannel channel, IQuoter? quoter, ReleaseBinding binding)
    {
        Outcome<ImmutableSortedDictionary<string, ImmutableArray<byte>>> evidence =
            quoter?.Quote(binding.ReportData()) ?? ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty;
        if (evidence.Failure is { } failure)
        {
            return failure;
        }

        Send(channel, new EvidenceMessage(evidence.Value).Write);
        return null;
    }

    private static Outcome<WorkerSetup> AwaitRelease(IMessageChannel channel, HpkePrivateKey key, ReleaseBinding binding, IPlanBuilder builder, ECDsa signer)
    {
        Outcome<Message> received = Await(channel, MessageKind.Release, "the release");
        if (received.Failure is { } failure)
        {
            return failure;
        }

        using Message message = received.Value;
        if (message.Length > MessageLimits.ReleaseBytesMax)
        {
            return new Failure(FailureKind.TooLarge, "the release is too long");
        }

        Outcome<WorkerSetup> opened = StageRelease.Open(key, binding, message.Bytes[1..], builder, signer);
        return opened.Failure is { Kind: FailureKind.Malformed } malformed
            ? new Failure(FailureKind.Integrity, $"the release cannot be opened: {malformed.Message}")
            : opened;
    }

    private static Outcome<Message> Await(IMessageChannel channel, MessageKind kind, string what)
    {
        Outcome<Message> received = channel.Await(s_releasePatience, what);
        if (!received.Succeeded || (received.Value.Length > 0 && received.Value.Bytes[0] == (byte)kind))
        {
            return received;
        }

        received.Value.Dispose();
        return new Failure(FailureKind.Integrity, $"the host sent something else before {what}");
    }
}
