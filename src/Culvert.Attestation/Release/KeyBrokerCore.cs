using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>
/// The broker of one owner: decides from the owner's manifests, the verifiers' verdict, what was released before and its own
/// clock, and seals keys to enclaves (docs/specs/key-release.md). Several jobs; other owners have cores of their own. Thread safe.
/// </summary>
public sealed class KeyBrokerCore : IKeyBroker, IDisposable
{
    private readonly Secret _owner;
    private readonly ECDsa _signing;
    private readonly ImmutableArray<byte> _ownerKey;
    private readonly ImmutableArray<byte> _brokerKey;
    private readonly KeyBrokerPorts _ports;
    private readonly KeyBrokerOptions _options;
    private readonly VendorRoots _roots;
    private readonly ManifestShelf _manifests = new();
    private readonly OpenChallenges _challenges;
    private readonly ReleaseTotals _totals;
    private readonly Lock _gate = new();
    private readonly Lock _signingGate = new();
    private readonly SemaphoreSlim _taking = new(1);

    /// <summary>A broker without manifests. <paramref name="owner"/> is copied and stays the caller's.</summary>
    public KeyBrokerCore(Secret owner, KeyBrokerPorts ports, KeyBrokerOptions options)
        : this(owner, ports, options, VendorRoots.BuiltIn)
    {
    }

    internal KeyBrokerCore(Secret owner, KeyBrokerPorts ports, KeyBrokerOptions options, VendorRoots roots)
    {
        _owner = Secret.CopyOf(owner.Bytes);
        _signing = SigningKeys.OfBroker(owner);
        _brokerKey = [.. _signing.ExportSubjectPublicKeyInfo()];
        using ECDsa ownerSigning = SigningKeys.OfOwner(owner);
        _ownerKey = [.. ownerSigning.ExportSubjectPublicKeyInfo()];
        (_ports, _options, _roots) = (ports, options, roots);
        _challenges = new OpenChallenges(options.ChallengesMax);
        _totals = ports.Log.Read().Copy();
    }

    /// <summary>The owner's public signing key: SubjectPublicKeyInfo.</summary>
    public ImmutableArray<byte> OwnerKey => _ownerKey;

    /// <summary>The key that signs attestation results: SubjectPublicKeyInfo.</summary>
    public ImmutableArray<byte> BrokerKey => _brokerKey;

    /// <summary>Whether it only says what it would decide.</summary>
    public bool IsDryRun => _options.IsDryRun;

    /// <summary>
    /// Takes a job's manifest, whose history has been verified, or the next versions of it. Refused, with a message that begins
    /// with the check's name: one of another owner or broker, one that is older than what was taken before or does not follow
    /// from it. What was current stays so.
    /// </summary>
    public async ValueTask<Outcome<SignedManifest>> TakeAsync(ManifestHistory history, CancellationToken cancellationToken)
    {
        await _taking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            SignedManifest next = history.Current;
            Manifest manifest = next.Manifest;
            LineageTotals? known;
            lock (_gate)
            {
                known = _totals.Of(LineageOf(manifest));
            }

            if (OfNext(history, known) is { } refusal)
            {
                return refusal.ToFailure();
            }

            if (known is null || known.Version < manifest.Version)
            {
                ManifestTaken record = new() { At = _ports.Clock.UtcNow, Lineage = LineageOf(manifest), Version = manifest.Version, Digest = next.Digest };
                if (!_options.IsDryRun && await _ports.Log.AppendAsync(record, cancellationToken).ConfigureAwait(false) is { } lost)
                {
                    return lost;
                }

                lock (_gate)
                {
                    _totals.Add(record);
                }
            }

            _manifests.Put(history);
            return next;
        }
        finally
        {
            _taking.Release();
        }
    }

    /// <summary>The manifest of a job, all versions; null when there is none.</summary>
    public ManifestHistory? ManifestOf(string job) => _manifests.Of(job)?.History;

    /// <inheritdoc/>
    public ValueTask<Outcome<ReleaseChallenge>> ChallengeAsync(ReleaseAsk ask, CancellationToken cancellationToken)
    {
        (ReleaseChallenge? challenge, ReleaseRefusal? refusal) = Challenge(ask);
        return ValueTask.FromResult<Outcome<ReleaseChallenge>>(challenge is not null ? challenge : refusal!.ToFailure());
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<ReleaseAnswer>> ReleaseAsync(ReleaseRequest request, CancellationToken cancellationToken)
    {
        ReleaseOutcome outcome = await AnswerAsync(request, cancellationToken).ConfigureAwait(false);
        return outcome.Answer is { } answer ? answer : outcome.Refusal!.ToFailure();
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<ImmutableArray<SignedManifest>>> ManifestsAsync(string job, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Outcome<ImmutableArray<SignedManifest>>>(ManifestOf(job) is { } history
            ? history.Versions
            : new ReleaseRefusal(ReleaseCheck.JobUnknown, "no job of this name is released keys for here").ToFailure());

    /// <summary>A challenge, or why there is none.</summary>
    public (ReleaseChallenge? Challenge, ReleaseRefusal? Refusal) Challenge(ReleaseAsk ask)
    {
        DateTimeOffset now = _ports.Clock.UtcNow;
        if (_manifests.Of(ask.Job)?.History.Current is not { } signed)
        {
            return (null, new ReleaseRefusal(ReleaseCheck.JobUnknown, "no job of this name is released keys for here"));
        }

        if (ReleaseDecision.OfManifest(signed.Manifest, ask.Plan, now) is { } refusal)
        {
            return (null, refusal);
        }

        byte[] nonce = new byte[ReleaseBinding.DigestBytes];
        _ports.Entropy.Fill(nonce);
        DateTimeOffset end = now + ReleaseLimits.ChallengeLifetime;
        ReleaseChallenge challenge = new()
        {
            Nonce = [.. nonce],
            Broker = [.. SHA256.HashData(_brokerKey.AsSpan())],
            Owner = [.. SHA256.HashData(_ownerKey.AsSpan())],
            Manifest = signed.Digest,
            Epoch = signed.Manifest.Epoch,
            Lineage = signed.Manifest.Lineage,

            // Whole seconds: it is written so.
            NotAfter = DateTimeOffset.FromUnixTimeSeconds(end.ToUnixTimeSeconds()),
        };
        lock (_gate)
        {
            return _challenges.TryAdd(challenge, ask.Job, now)
                ? (challenge, null)
                : (null, new ReleaseRefusal(ReleaseCheck.Rate, "too many challenges are open: try again later"));
        }
    }

    /// <summary>Keys or a refusal for evidence, and what goes on record. The challenge has served, whatever comes of it.</summary>
    public async ValueTask<ReleaseOutcome> AnswerAsync(ReleaseRequest request, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _ports.Clock.UtcNow;
        Attempt attempt = new(request, now);
        ReleaseRefusal? refusal = Decide(attempt);
        if (refusal is null && !_options.IsDryRun)
        {
            refusal = await CountAsync(attempt, cancellationToken).ConfigureAwait(false);
        }

        if (_options.IsDryRun)
        {
            ReleaseRefusal said = new(ReleaseCheck.DryRun, refusal is null
                ? $"the keys of {string.Join(", ", request.Binding.Stages)} would be released"
                : $"would be refused by {ReleaseCheckName.Of(refusal.Check)}: {refusal.Words}");
            return new ReleaseOutcome(null, said, attempt.Event(refusal is null ? ReleaseResult.WouldRelease : ReleaseResult.WouldRefuse, refusal));
        }

        return refusal is not null
            ? new ReleaseOutcome(null, refusal, attempt.Event(ReleaseResult.Refused, refusal))
            : new ReleaseOutcome(Seal(attempt), null, attempt.Event(ReleaseResult.Released, null));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _owner.Dispose();
        _signing.Dispose();
        _taking.Dispose();
    }

    /// <summary>All checks but the count of activations, which is made when it is written down.</summary>
    private ReleaseRefusal? Decide(Attempt attempt)
    {
        ReleaseBinding binding = attempt.Request.Binding;
        (NonceStanding standing, ReleaseChallenge? challenge, string job) nonce;
        lock (_gate)
        {
            nonce = _challenges.Use(binding.Nonce, attempt.Now);
        }

        if (ReleaseDecision.OfNonce(nonce.standing) is { } refusal)
        {
            return refusal;
        }

        // A job that was given a challenge has a manifest, and keeps one.
        ShelvedManifest shelved = _manifests.Of(nonce.job)!;
        ReleaseFacts facts = new()
        {
            Now = attempt.Now,
            Current = shelved.History.Current,
            Earlier = shelved.Earlier,
            Challenge = nonce.challenge!,
            Job = nonce.job,
            Request = attempt.Request,
        };
        attempt.Facts = facts;
        return ReleaseDecision.BeforeEvidence(facts) ?? OfHeaders(attempt.Request) ?? OfEvidence(attempt, facts);
    }

    private ReleaseRefusal? OfEvidence(Attempt attempt, ReleaseFacts facts)
    {
        Manifest manifest = facts.Current.Manifest;
        (attempt.Verdict, ReleaseRefusal? refusal, attempt.Collateral) = ReleaseVerification.OfAny(
            manifest, attempt.Request, attempt.Now, _roots, stage => Activations(manifest, stage), _ports.Collateral);
        return refusal;
    }

    /// <summary>A file's key is given only for a header that the owner made: whoever names a stream of another's has none.</summary>
    private ReleaseRefusal? OfHeaders(ReleaseRequest request)
    {
        foreach (StageInput input in request.Inputs)
        {
            using MemoryStream bytes = new([.. input.Header], writable: false);
            Outcome<SealedFileHeader> header = SealedFileIndex.ReadHeader("an input", bytes);
            if (!header.Succeeded || header.Value.Bytes.Length != input.Header.Length || header.Value.Stream != input.Stream)
            {
                return new ReleaseRefusal(ReleaseCheck.InputsNotAllowed, header.Failure?.Message ?? $"the header is not that of the file {input.Stream}");
            }

            Outcome<SealedFileOpener> opened = SealedFileOpener.OpenAsOwner("an input", _owner, header.Value);
            if (!opened.Succeeded)
            {
                return new ReleaseRefusal(ReleaseCheck.InputsNotAllowed, opened.Failure.Message);
            }

            opened.Value.Dispose();
        }

        return null;
    }

    /// <summary>
    /// Counts the release while nobody else does, and lets it survive before a key leaves. When the manifest was replaced or the
    /// last activation was taken meanwhile, it is refused after all.
    /// </summary>
    private async ValueTask<ReleaseRefusal?> CountAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        ReleaseFacts facts = attempt.Facts!;
        Manifest manifest = facts.Current.Manifest;
        KeysReleased record = new()
        {
            At = attempt.Now,
            Lineage = LineageOf(manifest),
            Version = manifest.Version,
            Stages = attempt.Request.Binding.Stages,
            Run = attempt.Request.Binding.Run,
            NonceDigest = attempt.NonceDigest,
        };
        lock (_gate)
        {
            ShelvedManifest latest = _manifests.Of(facts.Job)!;
            ReleaseFacts now = facts with { Current = latest.History.Current, Earlier = latest.Earlier };
            ReleaseRefusal? late = ReleaseDecision.BeforeEvidence(now)
                ?? ReleaseDecision.OfEvidence(now.Current.Manifest, now.Request.Binding, attempt.Verdict!, stage => _totals.Activations(record.Lineage, record.Version, stage));
            if (late is not null)
            {
                return late;
            }

            _totals.Add(record);
        }

        return await _ports.Log.AppendAsync(record, cancellationToken).ConfigureAwait(false) is { } lost
            ? new ReleaseRefusal(ReleaseCheck.Store, $"the broker cannot write down what it releases: {lost.Message}")
            : null;
    }

    private ReleaseAnswer Seal(Attempt attempt)
    {
        ReleaseRequest request = attempt.Request;
        Manifest manifest = attempt.Facts!.Current.Manifest;
        HpkePublicKey to = HpkePublicKey.TryRead(request.Binding.ReleaseKey.AsSpan()).Value;
        ImmutableSortedDictionary<StageId, ImmutableArray<byte>>.Builder bundles = ImmutableSortedDictionary.CreateBuilder<StageId, ImmutableArray<byte>>();
        foreach (ManifestStage stage in ReleaseDecision.StagesOf(manifest, request.Binding))
        {
            // A source reads its own files; whoever writes the result reads the ends of all, since the result names them.
            IEnumerable<StreamId> inputs = request.Inputs.Where(input => stage.WritesResult || input.Stage == stage.Id).Select(input => input.Stream);
            ReleaseBinding binding = request.Binding;
            using KeyBundle bundle = KeyDerivation.Of(
                _owner, manifest.Lineage.AsSpan(), stage, binding.Plan, binding.Run, binding.Inputs.AsSpan(), binding.Epoch, inputs, request.Output);
            bundles.Add(stage.Id, [.. KeyBundleCodec.Seal(bundle, request.Binding, to, _ports.Entropy)]);
        }

        EarResult result = attempt.Result(_options.Build);
        lock (_signingGate)
        {
            return new ReleaseAnswer(result.Sign(_signing), bundles.ToImmutable()) { Collateral = attempt.Collateral };
        }
    }

    /// <summary>What makes a verified manifest none that is taken here.</summary>
    private ManifestRefusal? OfNext(ManifestHistory history, LineageTotals? known)
    {
        Manifest manifest = history.Current.Manifest;
        string which = $"version {manifest.Version} of {manifest.Job}";
        if (!manifest.OwnerKey.SequenceEqual(_ownerKey) || !manifest.BrokerKey.SequenceEqual(_brokerKey))
        {
            return new(ManifestCheck.Owner, $"{which} names another owner or broker than the key that is given here");
        }

        if (_manifests.Of(manifest.Job) is { } other ? LineageOf(other.History.Current.Manifest) != LineageOf(manifest) : _manifests.IsFull)
        {
            return new(ManifestCheck.Chain, $"{which} is of another lineage than the manifest of this job that was taken before, or there are over {ManifestShelf.JobsMax} jobs");
        }

        if (manifest.Epoch.Value >= ReleaseLimits.EpochsMax)
        {
            return new(ManifestCheck.Format, $"{which} is for key epoch {manifest.Epoch.Value}; a lineage has at most {ReleaseLimits.EpochsMax}");
        }

        return known is null ? null
            : manifest.Version < known.Version ? new(ManifestCheck.Older, $"{which}: version {known.Version} was taken before")
            : !history.Versions[known.Version - 1].Digest.SequenceEqual(known.Digest)
                ? new(ManifestCheck.Chain, $"{which} does not follow from the version {known.Version} that was taken before")
            : null;
    }

    private int Activations(Manifest manifest, StageId stage)
    {
        lock (_gate)
        {
            return _totals.Activations(LineageOf(manifest), manifest.Version, stage);
        }
    }

    private static UInt128 LineageOf(Manifest manifest) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(manifest.Lineage.AsSpan());

    /// <summary>A request on its way through the checks.</summary>
    private sealed class Attempt(ReleaseRequest request, DateTimeOffset now)
    {
        internal ReleaseRequest Request { get; } = request;

        internal DateTimeOffset Now { get; } = now;

        internal ImmutableArray<byte> NonceDigest { get; } = [.. SHA256.HashData(request.Binding.Nonce.AsSpan())];

        internal ReleaseFacts? Facts { get; set; }

        internal AttestationVerdict? Verdict { get; set; }

        internal ImmutableSortedDictionary<string, ImmutableArray<byte>> Collateral { get; set; } = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty;

        internal ReleaseEvent Event(ReleaseResult result, ReleaseRefusal? refusal) => new()
        {
            At = Now,
            Result = result,
            Refusal = refusal,
            Job = Facts?.Job ?? "",
            Plan = Request.Binding.Plan,
            Run = Request.Binding.Run,
            Stages = Request.Binding.Stages,
            ManifestVersion = Facts?.Current.Manifest.Version ?? 0,
            NonceDigest = NonceDigest,
            Verdict = Verdict,
        };

        internal EarResult Result(string build)
        {
            ReleaseBinding binding = Request.Binding;
            AttestationVerdict verdict = Verdict!;
            return new EarResult
            {
                IssuedAt = Now,
                Build = build,
                Kind = verdict.Kind,
                Status = verdict.Status,
                Trustworthiness = verdict.Trustworthiness,
                Measurements = verdict.MeasuredSet,
                TcbStatus = verdict.Tcb.Status,
                AdvisoryIds = verdict.Tcb.AdvisoryIds,
                Nonce = binding.Nonce,
                ReportData = [.. binding.ReportData()],
                Evidence = [.. EarResult.DigestOf(Request.Evidence)],
                Manifest = binding.Manifest,
                ManifestVersion = Facts!.Current.Manifest.Version,
                Job = Facts.Job,
                Plan = binding.Plan,
                Run = binding.Run,
                Stages = binding.Stages,
                Epoch = binding.Epoch,
                Inputs = binding.Inputs,
                ReleaseKey = [.. SHA256.HashData(binding.ReleaseKey.AsSpan())],
                SigningKey = [.. SHA256.HashData(binding.SigningKey.AsSpan())],
            };
        }
    }
}
