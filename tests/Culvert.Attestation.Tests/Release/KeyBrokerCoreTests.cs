using System.Collections.Immutable;
using Culvert.Attestation.Tests.Forge;
using Culvert.Sealing;

namespace Culvert.Attestation.Tests.Release;

/// <summary>What the broker's core remembers and takes; its refusals are tried through the real server, in Culvert.KeyBroker.Tests.</summary>
public sealed class KeyBrokerCoreTests : IDisposable
{
    private readonly PlayOwner _owner = new();
    private readonly StillClock _clock = new(CertificateForge.Now);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_enclave_gets_the_keys_that_the_owners_secret_gives_its_stages_and_no_more()
    {
        using KeyBrokerCore core = await BrokerAsync(_owner.First());
        using PlayEnclave enclave = new();
        ReleaseRequest request = await RequestAsync(core, enclave, 1, 2);
        request = request with { Output = request.Binding.ResultStream() };

        ReleaseAnswer answer = PlayOwner.Value(await core.ReleaseAsync(request, Cancellation));

        Assert.Equal([1, 2], answer.Bundles.Keys.Select(stage => stage.Value));
        using KeyBundle first = enclave.Open(request.Binding, answer, 1);
        using KeyBundle second = enclave.Open(request.Binding, answer, 2);
        using Secret run = KeySchedule.RunKey(_owner.Secret, PlayEnclave.Run, PlayOwner.Plan, request.Binding.Inputs.AsSpan());
        using Secret edge = KeySchedule.EdgeKey(run, new EdgeId(1), new KeyEpoch(0));
        using Secret state = KeySchedule.StateKey(_owner.Secret, _owner.Lineage, new StageId(1), new KeyEpoch(0));
        using Secret output = KeySchedule.FileKey(_owner.Secret, request.Binding.ResultStream());
        Assert.Equal([0, 1, 101], first.Edges.Keys.Select(id => id.Value));
        Assert.Equal([1, 102], second.Edges.Keys.Select(id => id.Value));
        AssertEqual(edge, first.Edges[new EdgeId(1)]);
        AssertEqual(edge, second.Edges[new EdgeId(1)]);
        AssertEqual(state, first.State[new KeyEpoch(0)]);
        Assert.Empty(second.State);
        Assert.Null(first.Output);
        AssertEqual(output, second.Output!);
    }

    [Fact]
    public async Task State_keys_are_those_of_the_manifests_epoch_and_earlier_ones()
    {
        Manifest first = _owner.First();
        using KeyBrokerCore core = await BrokerAsync(first, _owner.After(first), _owner.After(_owner.After(first)));
        using PlayEnclave enclave = new();
        ReleaseRequest request = await RequestAsync(core, enclave, 1);

        using KeyBundle bundle = enclave.Open(request.Binding, PlayOwner.Value(await core.ReleaseAsync(request, Cancellation)), 1);

        Assert.Equal(new KeyEpoch(2), bundle.Epoch);
        Assert.Equal([0, 1, 2], bundle.State.Keys.Select(epoch => epoch.Value));
    }

    [Fact]
    public async Task Of_many_enclaves_at_once_exactly_as_many_as_allowed_are_given_keys()
    {
        using KeyBrokerCore core = await BrokerAsync(_owner.First());
        ReleaseRequest[] requests = new ReleaseRequest[12];
        using PlayEnclave enclave = new();
        for (int i = 0; i < requests.Length; i++)
        {
            requests[i] = await RequestAsync(core, enclave, 1);
        }

        Outcome<ReleaseAnswer>[] answers = await Task.WhenAll(requests.Select(request => Task.Run(() => core.ReleaseAsync(request, Cancellation).AsTask(), Cancellation)));

        Assert.Equal(2, answers.Count(answer => answer.Succeeded));
        Assert.All(answers.Where(answer => !answer.Succeeded), refused => Assert.StartsWith("activations: ", refused.Failure!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_version_counts_activations_anew_and_one_enclave_that_is_refused_does_not_count()
    {
        Manifest first = _owner.First();
        using KeyBrokerCore core = await BrokerAsync(first);
        using PlayEnclave enclave = new();
        ReleaseRequest wrong = PlayEnclave.Simulated((await RequestAsync(core, enclave, 1)).Binding, _owner.Development, new byte[32]);

        Assert.Equal("measurement", await CheckAsync(core, wrong));
        Assert.Null(await CheckAsync(core, await RequestAsync(core, enclave, 1)));
        Assert.Null(await CheckAsync(core, await RequestAsync(core, enclave, 1)));
        Assert.Equal("activations", await CheckAsync(core, await RequestAsync(core, enclave, 1)));
        PlayOwner.Value(await core.TakeAsync(_owner.History(first, _owner.After(first)), Cancellation));
        Assert.Null(await CheckAsync(core, await RequestAsync(core, enclave, 1)));
    }

    [Fact]
    public async Task An_older_a_forked_and_anothers_manifest_are_not_taken_and_the_last_good_one_stays()
    {
        Manifest first = _owner.First();
        Manifest second = _owner.After(first);
        using KeyBrokerCore core = await BrokerAsync(first, second);
        using PlayOwner other = new(_owner.Job);

        Assert.Equal("manifest.older", await TakeAsync(core, _owner.History(first)));
        Assert.Equal("manifest.chain", await TakeAsync(core, _owner.History(first, second with { NotAfter = second.NotAfter.AddDays(1) })));
        Assert.Equal("manifest.chain", await TakeAsync(core, _owner.History(first with { Lineage = [.. new byte[16]] })));
        Assert.Equal("manifest.owner", await TakeAsync(core, other.History(other.First())));
        Assert.Equal("manifest.owner", await TakeAsync(core, _owner.History(first with { BrokerKey = other.First().BrokerKey, Job = "x" })));
        Assert.Equal(2, core.ManifestOf(_owner.Job)!.Current.Manifest.Version);
        Assert.Equal("", await TakeAsync(core, _owner.History(first, second)));
        Assert.Equal("", await TakeAsync(core, _owner.History(first, second, _owner.After(second), _owner.After(_owner.After(second)))));
    }

    [Fact]
    public async Task What_a_log_remembers_holds_after_a_restart()
    {
        Manifest first = _owner.First();
        Manifest second = _owner.After(first);
        RecordingLog log = new();
        using PlayEnclave enclave = new();
        using (KeyBrokerCore core = _owner.Broker(_clock, log: log))
        {
            PlayOwner.Value(await core.TakeAsync(_owner.History(first, second), Cancellation));
            Assert.Null(await CheckAsync(core, await RequestAsync(core, enclave, 1)));
        }

        using KeyBrokerCore again = _owner.Broker(_clock, log: log);
        Assert.Equal("manifest.older", await TakeAsync(again, _owner.History(first)));
        Assert.Equal("", await TakeAsync(again, _owner.History(first, second)));
        Assert.Null(await CheckAsync(again, await RequestAsync(again, enclave, 1)));
        Assert.Equal("activations", await CheckAsync(again, await RequestAsync(again, enclave, 1)));
        Assert.Equal(["ManifestTaken", "KeysReleased", "KeysReleased"], log.Records.Select(record => record.GetType().Name));
    }

    [Fact]
    public async Task A_release_that_cannot_be_written_down_is_none()
    {
        RecordingLog log = new();
        using KeyBrokerCore core = _owner.Broker(_clock, log: log);
        PlayOwner.Value(await core.TakeAsync(_owner.History(_owner.First()), Cancellation));
        using PlayEnclave enclave = new();
        log.IsBroken = true;

        Assert.Equal("store", await CheckAsync(core, await RequestAsync(core, enclave, 0)));
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_be_decided_and_releases_and_counts_nothing()
    {
        RecordingLog log = new();
        using KeyBrokerCore core = _owner.Broker(_clock, log: log, options: new KeyBrokerOptions { IsDryRun = true });
        PlayOwner.Value(await core.TakeAsync(_owner.History(_owner.First()), Cancellation));
        using PlayEnclave enclave = new();
        for (int i = 0; i < 3; i++)
        {
            ReleaseOutcome would = await core.AnswerAsync(await RequestAsync(core, enclave, 1), Cancellation);
            Assert.Equal((null, ReleaseCheck.DryRun, ReleaseResult.WouldRelease), (would.Answer, would.Refusal!.Check, would.Event.Result));
        }

        ReleaseOutcome not = await core.AnswerAsync(PlayEnclave.Simulated((await RequestAsync(core, enclave, 1)).Binding, _owner.Development, new byte[32]), Cancellation);

        Assert.Equal((null, ReleaseCheck.DryRun, ReleaseResult.WouldRefuse), (not.Answer, not.Refusal!.Check, not.Event.Result));
        Assert.Contains("refused by measurement", not.Refusal.Words, StringComparison.Ordinal);
        Assert.Empty(log.Records);
    }

    [Fact]
    public async Task Challenges_are_bounded_and_forgotten_in_time()
    {
        using KeyBrokerCore core = await BrokerAsync(new KeyBrokerOptions { ChallengesMax = 3 }, _owner.First());
        ReleaseAsk ask = new() { Job = _owner.Job, Plan = PlayOwner.Plan };

        Assert.All(Enumerable.Range(0, 3), _ => Assert.NotNull(core.Challenge(ask).Challenge));
        Assert.Equal(ReleaseCheck.Rate, core.Challenge(ask).Refusal?.Check);
        _clock.Advance(2 * ReleaseLimits.ChallengeLifetime);
        Assert.NotNull(core.Challenge(ask).Challenge);
    }

    [Fact]
    public async Task Sets_of_measurements_are_not_mixed()
    {
        // Two sets of a virtual machine's registers: one value of each is no set.
        ImmutableSortedDictionary<string, string> Registers(byte first, byte rest) => ImmutableSortedDictionary.CreateRange<string, string>(
        [
            new("mrtd", PlayOwner.Repeat(first, 48)), new("rtmr0", PlayOwner.Repeat(rest, 48)), new("rtmr1", PlayOwner.Repeat((byte)(rest + 1), 48)),
            new("rtmr2", PlayOwner.Repeat((byte)(rest + 2), 48)), new("rtmr3", PlayOwner.Repeat((byte)(rest + 3), 48)),
        ]);
        Manifest Accepting(params ImmutableSortedDictionary<string, string>[] sets)
        {
            Manifest manifest = _owner.First();
            return manifest with
            {
                Platforms = manifest.Platforms.Add(EvidenceKind.Tdx, new VerificationPolicy()),
                Stages = [manifest.Stages[0] with { Accepted = [.. sets.Select(set => new AcceptedMeasurement(EvidenceKind.Tdx, set, "domain"))] }],
            };
        }

        using IntelForge forge = new(tdx: true);
        using KeyBrokerCore right = await BrokerAsync(forge.Roots, Accepting(Registers(0x77, 0xA0)));
        using KeyBrokerCore mixed = await BrokerAsync(forge.Roots, Accepting(Registers(0x77, 0xB0), Registers(0x78, 0xA0)));
        using PlayEnclave enclave = new();

        Assert.Null(await CheckAsync(right, PlayEnclave.Sgx((await RequestAsync(right, enclave, 0)).Binding, forge)));
        Assert.Equal("measurement", await CheckAsync(mixed, PlayEnclave.Sgx((await RequestAsync(mixed, enclave, 0)).Binding, forge)));
    }

    [Fact]
    public async Task A_TPM_is_known_by_its_key_and_can_be_taken_back_by_it()
    {
        using TpmForge forge = new();
        AttestationVerdict known = forge.Verify();
        Manifest manifest = _owner.First();
        Manifest first = manifest with
        {
            Platforms = manifest.Platforms.Add(EvidenceKind.Tpm2, new VerificationPolicy { TpmRoots = forge.Policy.TpmRoots }),
            Stages = [manifest.Stages[0] with { Accepted = [new AcceptedMeasurement(EvidenceKind.Tpm2, known.MeasuredSet, "tpm")] }],
        };
        using KeyBrokerCore free = await BrokerAsync(first);
        using KeyBrokerCore revoking = await BrokerAsync(first with { Revoked = new ManifestRevocations { Chips = [known.Measurements["tpmkey"]] } });
        using PlayEnclave enclave = new();
        async Task<ReleaseRequest> Asking(KeyBrokerCore core)
        {
            ReleaseRequest request = await RequestAsync(core, enclave, 0);
            forge.Nonce = request.Binding.ReportData();
            return request with { Evidence = forge.Files().ToImmutableSortedDictionary(file => file.Key, file => ImmutableArray.Create(file.Value.Span)) };
        }

        Assert.Null(await CheckAsync(free, await Asking(free)));
        Assert.Equal("chip.revoked", await CheckAsync(revoking, await Asking(revoking)));
    }

    public void Dispose() => _owner.Dispose();

    private Task<KeyBrokerCore> BrokerAsync(params Manifest[] versions) => BrokerAsync(new KeyBrokerOptions(), versions);

    private Task<KeyBrokerCore> BrokerAsync(VendorRoots roots, params Manifest[] versions) => TakenAsync(_owner.Broker(_clock, roots), versions);

    private Task<KeyBrokerCore> BrokerAsync(KeyBrokerOptions options, params Manifest[] versions) => TakenAsync(_owner.Broker(_clock, options: options), versions);

    private async Task<KeyBrokerCore> TakenAsync(KeyBrokerCore core, Manifest[] versions)
    {
        PlayOwner.Value(await core.TakeAsync(_owner.History(versions), Cancellation));
        return core;
    }

    private async Task<ReleaseRequest> RequestAsync(KeyBrokerCore core, PlayEnclave enclave, params int[] stages)
    {
        ReleaseChallenge challenge = PlayOwner.Value(await core.ChallengeAsync(new ReleaseAsk { Job = _owner.Job, Plan = PlayOwner.Plan }, Cancellation));
        return PlayEnclave.Simulated(enclave.Bind(challenge, _owner.Job, stages), _owner.Development);
    }

    /// <summary>The check that refused; null when keys were released.</summary>
    private static async Task<string?> CheckAsync(KeyBrokerCore core, ReleaseRequest request) =>
        (await core.ReleaseAsync(request, Cancellation)).Failure?.Message.Split(':')[0];

    private static async Task<string> TakeAsync(KeyBrokerCore core, ManifestHistory history) =>
        (await core.TakeAsync(history, Cancellation)).Failure?.Message.Split(':')[0] ?? "";

    private static void AssertEqual(Secret expected, Secret found) => Assert.Equal(Convert.ToHexString(expected.Bytes), Convert.ToHexString(found.Bytes));

    private sealed class RecordingLog : IReleaseLog
    {
        internal List<ReleaseRecord> Records { get; } = [];

        internal bool IsBroken { get; set; }

        public ReleaseTotals Read()
        {
            ReleaseTotals totals = new();
            Records.ForEach(totals.Add);
            return totals;
        }

        public ValueTask<Failure?> AppendAsync(ReleaseRecord record, CancellationToken cancellationToken)
        {
            if (IsBroken)
            {
                return ValueTask.FromResult<Failure?>(new Failure(FailureKind.Io, "no space left"));
            }

            Records.Add(record);
            return default;
        }
    }
}
