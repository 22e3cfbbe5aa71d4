using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Attestation.Tests.Forge;
using Culvert.Attestation.Tests.Release;
using Culvert.Sealing;

namespace Culvert.KeyBroker.Tests.Serving;

/// <summary>Each reason for which no key leaves, through the real server; beside it, that the same without the flaw is released.</summary>
public sealed class ReleaseRefusalTests : IDisposable
{
    private readonly PlayOwner _owner = new();
    private readonly StillClock _clock = new(CertificateForge.Now);
    private readonly PlayEnclave _enclave = new();
    private readonly IntelForge _intel = new(tdx: false);
    private readonly AmdForge _amd = new(AmdProduct.Genoa);

    private VendorRoots Roots => _intel.Roots with { Amd = _amd.Roots.Amd };

    [Fact]
    public async Task Genuine_evidence_of_accepted_code_gets_the_keys_of_its_stages()
    {
        await using PlayBroker broker = await StartAsync();
        ReleaseRequest sgx = PlayEnclave.Sgx(await BindAsync(broker, 0, 1), _intel);
        ReleaseRequest snp = PlayEnclave.Snp(await BindAsync(broker, 2), _amd);
        ReleaseRequest simulated = PlayEnclave.Simulated(await BindAsync(broker, 1), _owner.Development);

        foreach (ReleaseRequest request in new[] { sgx, snp, simulated })
        {
            ReleaseAnswer answer = await broker.ReleaseAsync(request);

            EarResult result = PlayOwner.Value(EarVerifier.Verify(answer.Result, broker.Core.BrokerKey.AsMemory()));
            Assert.Equal(request == simulated ? AttestationStatus.Warning : AttestationStatus.Affirming, result.Status);
            Assert.Equal(request.Binding.ReportData(), result.ReportData);
            foreach (StageId stage in request.Binding.Stages)
            {
                using KeyBundle bundle = _enclave.Open(request.Binding, answer, stage.Value);
                Assert.Equal(PlayEnclave.Run, bundle.Run);
            }
        }
    }

    [Fact]
    public async Task An_old_an_unknown_and_a_used_nonce()
    {
        await using PlayBroker broker = await StartAsync();
        ReleaseRequest first = PlayEnclave.Sgx(await BindAsync(broker, 0), _intel);
        ReleaseRequest second = PlayEnclave.Sgx(await BindAsync(broker, 0), _intel);
        ReleaseRequest third = PlayEnclave.Sgx(await BindAsync(broker, 0), _intel);

        await broker.ReleaseAsync(first);
        Assert.Equal("nonce.used", await broker.RefusedAsync(first));
        Assert.Equal("nonce.unknown", await broker.RefusedAsync(PlayEnclave.Sgx(second.Binding with { Nonce = [.. new byte[32]] }, _intel)));
        _clock.Advance(ReleaseLimits.ChallengeLifetime);
        Assert.Equal("nonce.old", await broker.RefusedAsync(second));
        Assert.Equal("nonce.used", await broker.RefusedAsync(second));
        _clock.Advance(ReleaseLimits.ChallengeLifetime);
        Assert.Equal("nonce.unknown", await broker.RefusedAsync(third));
    }

    [Fact]
    public async Task Another_enclaves_evidence_and_evidence_bound_to_another_key()
    {
        await using PlayBroker broker = await StartAsync();
        using PlayEnclave other = new();
        ReleaseBinding binding = await BindAsync(broker, 0);
        ReleaseRequest stolen = PlayEnclave.Sgx(await BindAsync(broker, 0), _intel) with { Binding = binding };
        Assert.Equal("binding.report-data", await broker.RefusedAsync(stolen));

        binding = await BindAsync(broker, 0);
        ReleaseRequest rebound = PlayEnclave.Sgx(binding, _intel) with { Binding = binding with { ReleaseKey = [.. other.Key.PublicKey.Bytes] } };
        Assert.Equal("binding.report-data", await broker.RefusedAsync(rebound));

        binding = await BindAsync(broker, 0);
        ReleaseRequest signing = PlayEnclave.Snp(binding, _amd) with { Binding = binding with { SigningKey = [.. other.Signing.ExportSubjectPublicKeyInfo()] } };
        Assert.Equal("binding.report-data", await broker.RefusedAsync(signing));

        binding = await BindAsync(broker, 0);
        ReleaseRequest run = PlayEnclave.Simulated(binding, _owner.Development) with { Binding = binding with { Run = new RunId(8) } };
        Assert.Equal("binding.report-data", await broker.RefusedAsync(run));

        binding = await BindAsync(broker, 0);
        ReleaseRequest more = PlayEnclave.Snp(binding, _amd) with { Binding = binding with { Stages = [new StageId(0), new StageId(1)] } };
        Assert.Equal("binding.report-data", await broker.RefusedAsync(more));
    }

    [Fact]
    public async Task A_binding_of_another_broker_owner_job_or_epoch_than_its_challenge()
    {
        await using PlayBroker broker = await StartAsync();
        Func<ReleaseBinding, ReleaseBinding>[] flaws =
        [
            binding => binding with { Broker = [.. new byte[32]] },
            binding => binding with { Owner = [.. new byte[32]] },
            binding => binding with { Job = ReleaseBinding.JobDigest("another") },
            binding => binding with { Epoch = new KeyEpoch(1) },
        ];
        foreach (Func<ReleaseBinding, ReleaseBinding> flaw in flaws)
        {
            Assert.Equal("binding.challenge", await broker.RefusedAsync(PlayEnclave.Sgx(flaw(await BindAsync(broker, 0)), _intel)));
        }

        Assert.Equal("request.malformed", await broker.RefusedAsync(PlayEnclave.Sgx((await BindAsync(broker, 0)) with { ReleaseKey = [4, .. new byte[64]] }, _intel)));
        Assert.Equal("request.malformed", await broker.RefusedAsync(PlayEnclave.Sgx((await BindAsync(broker, 0)) with { SigningKey = [.. new byte[91]] }, _intel)));
    }

    [Fact]
    public async Task A_downgraded_TCB()
    {
        await using PlayBroker broker = await StartAsync(_owner.First() with
        {
            Platforms = _owner.First().Platforms.SetItem(EvidenceKind.SevSnp, new VerificationPolicy { MinimumSnpTcb = ImmutableSortedDictionary<string, int>.Empty.Add("microcode", 72) }),
        });
        await broker.ReleaseAsync(PlayEnclave.Sgx(await BindAsync(broker, 0), _intel));
        await broker.ReleaseAsync(PlayEnclave.Snp(await BindAsync(broker, 0), _amd));

        _intel.Levels.Insert(0, (6, 0, "UpToDate", []));
        _intel.Levels[1] = (5, 0, "OutOfDate", ["INTEL-SA-00001"]);
        _amd.Tcb = _amd.Tcb with { Microcode = 71 };
        Assert.Equal("tcb", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 0), _intel)));
        Assert.Equal("tcb", await broker.RefusedAsync(PlayEnclave.Snp(await BindAsync(broker, 0), _amd)));
    }

    [Fact]
    public async Task Evidence_that_is_debug_forged_or_of_a_vendor_that_nobody_knows()
    {
        await using PlayBroker broker = await StartAsync();
        using IntelForge stranger = new(tdx: false);
        Assert.Equal("evidence", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 0), stranger)));

        _intel.SgxAttributes = 0x07;
        Assert.Equal("evidence", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 0), _intel)));

        ReleaseRequest none = PlayEnclave.Sgx(await BindAsync(broker, 0), _intel) with { Evidence = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty };
        Assert.Equal("evidence", await broker.RefusedAsync(none));
    }

    [Fact]
    public async Task An_unsigned_an_older_an_expired_and_a_future_manifest()
    {
        Manifest first = _owner.First();
        Manifest second = _owner.After(first);
        await using PlayBroker broker = await StartAsync(first);

        // A manifest that nobody signed has a digest too.
        ReleaseBinding made = (await BindAsync(broker, 0)) with { Manifest = PlayOwner.Value(ManifestDocument.Of(first with { AllowSimulation = false })).Digest };
        Assert.Equal("manifest.unsigned", await broker.RefusedAsync(PlayEnclave.Sgx(made, _intel)));

        ReleaseBinding before = await BindAsync(broker, 0);
        PlayOwner.Value(await broker.Core.TakeAsync(_owner.History(first, second), TestContext.Current.CancellationToken));
        Assert.Equal("manifest.older", await broker.RefusedAsync(PlayEnclave.Sgx(before, _intel)));
        await broker.ReleaseAsync(PlayEnclave.Sgx(await BindAsync(broker, 0), _intel));

        ReleaseBinding late = await BindAsync(broker, 0);
        _clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1));
        Assert.Equal("nonce.unknown", await broker.RefusedAsync(PlayEnclave.Sgx(late, _intel)));
        late = await BindAsync(broker, 0);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("manifest.expired", await broker.RefusedAsync(PlayEnclave.Sgx(late, _intel)));
        Assert.Equal("manifest.expired", await broker.RefusedChallengeAsync(_owner.Job, PlayOwner.Plan));
        _clock.Advance(-TimeSpan.FromDays(32));
        Assert.Equal("manifest.not-yet", await broker.RefusedChallengeAsync(_owner.Job, PlayOwner.Plan));
    }

    [Fact]
    public async Task An_unknown_job_plan_and_stage()
    {
        await using PlayBroker broker = await StartAsync();
        PlanDigest other = PlanDigest.FromBytes(SHA256.HashData("another plan"u8));

        Assert.Equal("job.unknown", await broker.RefusedChallengeAsync("another", PlayOwner.Plan));
        Assert.Equal("plan.unknown", await broker.RefusedChallengeAsync(_owner.Job, other));
        Assert.Equal("plan.unknown", await broker.RefusedAsync(PlayEnclave.Sgx((await BindAsync(broker, 0)) with { Plan = other }, _intel)));
        Assert.Equal("stage.unknown", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 3), _intel)));
        Assert.Equal("stage.unknown", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker), _intel)));
    }

    [Fact]
    public async Task Code_that_one_of_the_stages_does_not_accept()
    {
        Manifest manifest = _owner.First();
        ManifestStage strict = manifest.Stages[1] with { Accepted = [PlayOwner.Set(EvidenceKind.Sgx, "mrenclave", PlayOwner.Repeat(0xE2, 32))] };
        await using PlayBroker broker = await StartAsync(manifest with { Stages = manifest.Stages.SetItem(1, strict) });

        await broker.ReleaseAsync(PlayEnclave.Sgx(await BindAsync(broker, 0, 2), _intel));
        Assert.Equal("measurement", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 1), _intel)));
        Assert.Equal("measurement", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 0, 1), _intel)));
        Assert.Equal("measurement", await broker.RefusedAsync(PlayEnclave.Snp(await BindAsync(broker, 1), _amd)));
    }

    [Fact]
    public async Task Code_that_only_an_earlier_version_accepted_gets_no_key_of_the_later_one()
    {
        Manifest first = _owner.First();
        Manifest second = _owner.After(first) with
        {
            Stages = [.. first.Stages.Select(stage => stage with { Accepted = [PlayOwner.Set(EvidenceKind.Sgx, "mrenclave", PlayOwner.Repeat(0xE2, 32))] })],
        };
        await using PlayBroker broker = await StartAsync(first, second);

        Assert.Equal("measurement", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 1), _intel)));
    }

    [Fact]
    public async Task A_revoked_chip_measurement_and_job()
    {
        Manifest first = _owner.First();
        Manifest Revoking(ManifestRevocations revoked) => first with { Revoked = revoked };
        await using PlayBroker chips = await StartAsync(Revoking(new() { Chips = [PlayOwner.Repeat(0x5A, 64), PlayOwner.Repeat(0x9A, 16)] }));
        Assert.Equal("chip.revoked", await chips.RefusedAsync(PlayEnclave.Snp(await BindAsync(chips, 0), _amd)));
        Assert.Equal("chip.revoked", await chips.RefusedAsync(PlayEnclave.Sgx(await BindAsync(chips, 0), _intel)));

        await using PlayBroker code = await StartAsync(Revoking(new() { Measurements = [PlayOwner.SgxMeasurement], Chips = [PlayOwner.Repeat(0x9B, 16)] }));
        Assert.Equal("measurement.revoked", await code.RefusedAsync(PlayEnclave.Sgx(await BindAsync(code, 0), _intel)));
        await code.ReleaseAsync(PlayEnclave.Snp(await BindAsync(code, 0), _amd));

        await using PlayBroker running = await StartAsync(first);
        ReleaseBinding binding = await BindAsync(running, 0);
        PlayOwner.Value(await running.Core.TakeAsync(_owner.History(first, _owner.After(first) with { Revoked = new() { Job = true } }), TestContext.Current.CancellationToken));
        Assert.Equal("job.revoked", await running.RefusedChallengeAsync(_owner.Job, PlayOwner.Plan));
        Assert.Equal("manifest.older", await running.RefusedAsync(PlayEnclave.Sgx(binding, _intel)));
    }

    [Fact]
    public async Task A_chip_that_is_not_listed()
    {
        Manifest manifest = _owner.First();
        await using PlayBroker broker = await StartAsync(manifest with
        {
            Platforms = manifest.Platforms.SetItem(EvidenceKind.SevSnp, new VerificationPolicy { ChipIds = [PlayOwner.Repeat(0x5B, 64)] }),
        });

        Assert.Equal("chip.not-allowed", await broker.RefusedAsync(PlayEnclave.Snp(await BindAsync(broker, 0), _amd)));
    }

    [Fact]
    public async Task An_activation_too_many()
    {
        await using PlayBroker broker = await StartAsync();
        await broker.ReleaseAsync(PlayEnclave.Sgx(await BindAsync(broker, 1), _intel));
        await broker.ReleaseAsync(PlayEnclave.Snp(await BindAsync(broker, 1, 2), _amd));

        Assert.Equal("activations", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 1), _intel)));
        Assert.Equal("activations", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 0, 1), _intel)));
        await broker.ReleaseAsync(PlayEnclave.Sgx(await BindAsync(broker, 0), _intel));
    }

    [Fact]
    public async Task A_simulation_that_nobody_allowed_and_a_development_key_that_nobody_named()
    {
        using ECDsa unknown = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using PlayBroker strict = await StartAsync(_owner.First() with { AllowSimulation = false });
        await using PlayBroker lenient = await StartAsync();

        Assert.Equal("simulation.not-allowed", await strict.RefusedAsync(PlayEnclave.Simulated(await BindAsync(strict, 0), _owner.Development)));
        Assert.Equal("evidence", await lenient.RefusedAsync(PlayEnclave.Simulated(await BindAsync(lenient, 0), unknown)));
        Assert.Equal("measurement", await lenient.RefusedAsync(PlayEnclave.Simulated(await BindAsync(lenient, 0), _owner.Development, new byte[32])));
    }

    [Fact]
    public async Task A_kind_that_the_manifest_does_not_name_and_a_kind_of_which_no_code_is_accepted()
    {
        // Genuine hardware of a kind without an accepted measurement is a verdict on the platform alone.
        Manifest manifest = _owner.First();
        ManifestStage SgxOnly(ManifestStage stage) => stage with { Accepted = [.. stage.Accepted.Where(set => set.Kind == EvidenceKind.Sgx)] };
        await using PlayBroker broker = await StartAsync(manifest with { Stages = [.. manifest.Stages.Select(SgxOnly)], Platforms = manifest.Platforms.Remove(EvidenceKind.Simulation), AllowSimulation = false });
        using IntelForge domain = new(tdx: true);

        Assert.Equal("measurement", await broker.RefusedAsync(PlayEnclave.Snp(await BindAsync(broker, 0), _amd)));
        Assert.Equal("kind.not-allowed", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 0), domain)));
    }

    [Fact]
    public async Task Inputs_and_outputs_that_are_not_allowed()
    {
        StageInput own = Input(_owner, 0, out StreamId named);
        StageInput another = Input(_owner, 0, out _);
        using PlayOwner stranger = new();
        StageInput foreign = Input(stranger, 0, out StreamId strange);
        await using PlayBroker broker = await StartAsync(_owner.First() with { Inputs = [named, strange] });
        async Task<ReleaseRequest> Asking(StreamId? output, params StageInput[] inputs)
        {
            byte[] digest = SHA256.HashData([.. inputs.SelectMany(input => input.Header)]);
            return PlayEnclave.Sgx((await BindAsync(broker, 0, 2)) with { Inputs = [.. digest] }, _intel) with { Inputs = [.. inputs], Output = output };
        }

        ReleaseRequest right = await Asking(null, own);
        right = right with { Output = right.Binding.ResultStream() };
        ReleaseAnswer answer = await broker.ReleaseAsync(right);
        using KeyBundle bundle = _enclave.Open(right.Binding, answer, 0);
        using Secret key = KeySchedule.FileKey(_owner.Secret, named);
        Assert.Equal(Convert.ToHexString(key.Bytes), Convert.ToHexString(Assert.Single(bundle.Inputs).Value.Bytes));
        using KeyBundle writer = _enclave.Open(right.Binding, answer, 2);
        Assert.Empty(writer.Inputs);

        Assert.Equal("inputs.not-allowed", await broker.RefusedAsync(await Asking(null, another)));
        Assert.Equal("inputs.not-allowed", await broker.RefusedAsync(await Asking(null, foreign)));
        Assert.Equal("inputs.not-allowed", await broker.RefusedAsync(await Asking(null, own with { Stage = new StageId(1) })));
        Assert.Equal("inputs.not-allowed", await broker.RefusedAsync(await Asking(null, own with { Header = foreign.Header })));
        Assert.Equal("inputs.not-allowed", await broker.RefusedAsync(await Asking(null, own with { Header = [.. own.Header, 0] })));
        Assert.Equal("binding.inputs", await broker.RefusedAsync((await Asking(null, own)) with { Inputs = [] }));
        Assert.Equal("output.not-allowed", await broker.RefusedAsync(await Asking(named, own)));
        Assert.Equal("output.not-allowed", await broker.RefusedAsync(await Asking(SealedFileHeader.NewStream(SystemEntropy.Instance), own)));
        ReleaseBinding reader = await BindAsync(broker, 0);
        Assert.Equal("output.not-allowed", await broker.RefusedAsync(PlayEnclave.Sgx(reader, _intel) with { Output = reader.ResultStream() }));
    }

    [Fact]
    public async Task A_result_that_would_be_sealed_as_another_file_or_as_another_runs_result()
    {
        await using PlayBroker broker = await StartAsync(_owner.First());
        Input(_owner, 0, out StreamId another);
        ReleaseBinding ours = await BindAsync(broker, 2);
        StreamId other = (ours with { Run = new RunId(ours.Run.Value + 1) }).ResultStream();

        Assert.Equal("output.not-allowed", await broker.RefusedAsync(PlayEnclave.Sgx(ours, _intel) with { Output = another }));
        Assert.Equal("output.not-allowed", await broker.RefusedAsync(PlayEnclave.Sgx(await BindAsync(broker, 2), _intel) with { Output = other }));
    }

    public void Dispose()
    {
        _owner.Dispose();
        _enclave.Dispose();
        _intel.Dispose();
        _amd.Dispose();
    }

    private Task<PlayBroker> StartAsync(params Manifest[] versions) => PlayBroker.StartAsync(_owner, _clock, Roots, versions: versions);

    private async Task<ReleaseBinding> BindAsync(PlayBroker broker, params int[] stages) =>
        _enclave.Bind(await broker.ChallengeAsync(_owner.Job), _owner.Job, stages);

    private static StageInput Input(PlayOwner owner, int stage, out StreamId stream)
    {
        stream = SealedFileHeader.NewStream(SystemEntropy.Instance);
        using Secret key = KeySchedule.FileKey(owner.Secret, stream);
        SealedFileContents contents = new(SealedFileKind.Data, "job", ["a"], new byte[] { 1 });
        SealedFileHeader header = SealedFileHeader.Seal(key, stream, KeySchedule.KeyId(owner.Secret), 1, contents, SystemEntropy.Instance);
        return new StageInput(new StageId(stage), stream, [.. header.Bytes.Span]);
    }
}
