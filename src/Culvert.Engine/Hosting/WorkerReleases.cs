using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Brings keys to a run's workers, in two steps each: a greeting is answered with a challenge, evidence with a release. Keys of
/// enclave stages come from the broker where there is one. For one thread.
/// </summary>
internal sealed class WorkerReleases(WorkerTask task, Secret? owner, ReleaseTerms terms, OwnerFiles files, OwnerRunOptions options, ReleaseWatch? watch)
{
    private readonly Dictionary<int, Greeted> _greeted = [];
    private bool _warned;

    /// <summary>The challenge for a worker that greets (a <see cref="ChallengeMessage"/> without its kind). What cannot be throws.</summary>
    internal byte[] Greet(int number, ReadOnlySpan<byte> fields)
    {
        HelloMessage hello = Checked(HelloMessage.Read(fields));
        if (number < 1 || number > 2L * options.Workers || _greeted.ContainsKey(number))
        {
            throw Refuse($"the host brought a greeting of worker {number}, which there cannot be, or a second one");
        }

        if (hello.Backend.Length is 0 or > 32 || !hello.Backend.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            throw Refuse($"worker {number} says that it runs in something that has no name");
        }

        HpkePublicKey key = Checked(HpkePublicKey.TryRead(hello.ReleaseKey));
        StagePlace place = hello.Backend == "process" ? StagePlace.Worker : StagePlace.Enclave;
        IKeyBroker? broker = place == StagePlace.Enclave ? options.Broker : null;
        if (place == StagePlace.Enclave)
        {
            WarnOf(hello.Backend, broker);
        }

        ReleaseBinding binding = BindingOf(place, broker) with { ReleaseKey = [.. hello.ReleaseKey], SigningKey = [.. hello.SigningKey] };
        _greeted.Add(number, new Greeted(key, broker, binding));
        ArrayBufferWriter<byte> challenge = new();
        new ChallengeMessage(binding with { ReleaseKey = [], SigningKey = [] }).Write(challenge);
        return challenge.WrittenSpan[1..].ToArray();
    }

    /// <summary>The release for a worker that has brought evidence. A refusal throws <see cref="JobFailedException"/>.</summary>
    internal byte[] Release(int number, ReadOnlySpan<byte> fields)
    {
        EvidenceMessage evidence = Checked(EvidenceMessage.Read(fields));
        if (!_greeted.TryGetValue(number, out Greeted? worker) || worker.IsReleased)
        {
            throw Refuse($"the host brought evidence of worker {number}, which was not challenged, or a second time");
        }

        worker.IsReleased = true;
        ImmutableSortedDictionary<StageId, ImmutableArray<byte>> bundles = worker.Broker is { } broker
            ? Ask(broker, worker.Binding, evidence)
            : Derive(worker);
        return StageRelease.Seal(task, options.Code.Span, bundles, worker.Binding, worker.Key, options.Entropy);
    }

    /// <summary>Says once what enclaves of a backend are worth that nothing protects, or nobody attests.</summary>
    private void WarnOf(string backend, IKeyBroker? broker)
    {
        if (_warned || (broker is not null && backend != "simulation"))
        {
            return;
        }

        _warned = true;
        options.Warn(broker is null
            ? $"enclaves run as '{backend}', and nothing attests them: their keys come from the owner's key at hand, which is for trying out ('culvert manifest' and 'culvert broker' are for more)"
            : $"enclaves run as '{backend}', if the manifest allows it: nothing protects them from their machine's administrator");
    }

    private ReleaseBinding BindingOf(StagePlace place, IKeyBroker? broker)
    {
        ReleaseChallenge? challenge = broker is null ? null : ReleaseTerms.Challenge(task.Plan, broker);
        if (challenge is not null && !(challenge.Manifest.AsSpan().SequenceEqual(terms.Manifest.AsSpan()) && challenge.Epoch == terms.Lineage.Epoch))
        {
            throw new JobFailedException("the manifest changed while the run began: start it again");
        }

        byte[] nonce = new byte[ReleaseBinding.DigestBytes];
        options.Entropy.Fill(nonce);
        return new ReleaseBinding
        {
            Nonce = challenge?.Nonce ?? [.. nonce],
            Broker = challenge?.Broker ?? [],
            Owner = challenge?.Owner ?? [],
            Manifest = challenge?.Manifest ?? [],
            Plan = task.Plan.Digest,
            Job = ReleaseBinding.JobDigest(task.Plan.JobName),
            Run = task.Run,
            Inputs = task.Inputs,
            Epoch = terms.Lineage.Epoch,
            Stages = [.. task.Plan.Stages.Where(stage => RunLayout.PlaceOf(stage) == place).Select(stage => stage.Id)],
            ReleaseKey = [],
            SigningKey = [],
        };
    }

    private ImmutableSortedDictionary<StageId, ImmutableArray<byte>> Ask(IKeyBroker broker, ReleaseBinding binding, EvidenceMessage evidence)
    {
        ReleaseRequest request = new()
        {
            Binding = binding,
            Evidence = evidence.Files,
            Collateral = options.Collateral?.Invoke() ?? ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty,
            Inputs = files.Inputs,
            Output = SealedStream.ResultStage(task.Plan) is { } writer && binding.Stages.Contains(writer.Id) ? task.Output : null,
        };
        Outcome<ReleaseAnswer> answer = broker.ReleaseAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (!answer.Succeeded)
        {
            throw ReleaseTerms.Refused(answer.Failure);
        }

        // What it was verified by is what it can be verified by again.
        request = answer.Value.Collateral.IsEmpty ? request : request with { Collateral = answer.Value.Collateral };
        watch?.Add(request);
        options.Proof?.Add(request, answer.Value);
        return answer.Value.Bundles;
    }

    /// <summary>Without a broker: from the owner's secret, to whatever the host has started.</summary>
    private ImmutableSortedDictionary<StageId, ImmutableArray<byte>> Derive(Greeted worker)
    {
        Secret secret = owner ?? throw new InvalidOperationException("keys without an owner's secret and without a broker");
        return worker.Binding.Stages.ToImmutableSortedDictionary(
            stage => stage,
            stage =>
            {
                using KeyBundle bundle = StageKeys.Derive(secret, task, terms.Lineage, stage);
                return KeyBundleCodec.Seal(bundle, worker.Binding, worker.Key, options.Entropy).ToImmutableArray();
            });
    }

    private static IntegrityException Refuse(string what) => new(new Failure(FailureKind.Integrity, what));

    private static T Checked<T>(Outcome<T> outcome) => outcome.Failure is { } failure ? throw new IntegrityException(failure) : outcome.Value;

    private sealed class Greeted(HpkePublicKey key, IKeyBroker? broker, ReleaseBinding binding)
    {
        internal HpkePublicKey Key => key;

        internal IKeyBroker? Broker => broker;

        internal ReleaseBinding Binding => binding;

        internal bool IsReleased { get; set; }
    }
}
