using System.Collections.Concurrent;
using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>Runs whose enclaves get their keys for evidence, by a manifest.</summary>
public sealed class AttestedRunTests : IDisposable
{
    private const int ResumedRows = 120 * SealedFlights.GroupRows;

    private readonly AttestedFlights _owner = new();

    public void Dispose() => _owner.Dispose();

    [Fact]
    public async Task Enclaves_with_approved_code_get_keys_and_give_the_honest_result()
    {
        using ResultRows result = new();
        Plan plan = _owner.Flights.Plan(Protection.Enclave, result.Sink);
        _owner.Approve(plan);
        using KeyBrokerCore broker = _owner.Broker();

        RunReport report = await RunAsync(plan, _owner.Flights.Owner, _owner.Options(plan, broker));

        Assert.True(report.Finished);
        Assert.Equal(_owner.Flights.Honest, SealedFlights.RowsOf(result));
    }

    [Fact]
    public async Task Whoever_has_no_key_can_run_a_job_whose_input_and_result_are_sealed()
    {
        Plan plan = _owner.Flights.Plan(Protection.Enclave);
        _owner.Approve(plan);
        using KeyBrokerCore broker = _owner.Broker();

        RunReport report = await RunAsync(plan, null, _owner.Options(plan, broker));

        Assert.True(report.Finished);
        (string[]? rows, ImmutableArray<SealedInput> inputs, string? refused) = _owner.Flights.OpenResult();
        Assert.Null(refused);
        Assert.Equal(_owner.Flights.Honest, rows);
        Assert.Single(inputs);
    }

    [Fact]
    public void Without_a_key_nothing_can_be_read_or_shown_here()
    {
        using ResultRows result = new();
        Plan plan = _owner.Flights.Plan(Protection.Enclave, result.Sink);
        _owner.Approve(plan);
        using KeyBrokerCore broker = _owner.Broker();

        OwnerKeyException failure = Assert.Throws<OwnerKeyException>(() => OwnerRun.Start(plan, null, _owner.Options(plan, broker)));

        Assert.True(failure.IsUsage);
        Assert.Contains("in the open here", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_key_and_without_a_broker_nothing_can_be_run()
    {
        Plan plan = _owner.Flights.Plan(Protection.Enclave);
        OwnerKeyException failure = Assert.Throws<OwnerKeyException>(() => OwnerRun.Start(plan, null, _owner.Options(plan, null)));
        Assert.Contains("--broker", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_that_the_manifest_does_not_name_gets_no_key()
    {
        Plan plan = _owner.Flights.Plan(Protection.Enclave);
        _owner.Approve(plan);
        using KeyBrokerCore broker = _owner.Broker();

        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(
            () => RunAsync(plan, _owner.Flights.Owner, _owner.Options(plan, broker, AttestedFlights.Another)));

        Assert.Contains("measurement", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_owner.Flights.Output));
    }

    [Fact]
    public async Task A_simulation_gets_no_key_unless_the_manifest_says_so_in_so_many_words()
    {
        Plan plan = _owner.Flights.Plan(Protection.Enclave);
        _owner.Approve(plan, manifest => manifest with { AllowSimulation = false });
        using KeyBrokerCore broker = _owner.Broker();

        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => RunAsync(plan, null, _owner.Options(plan, broker)));

        Assert.Contains("simulation.not-allowed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_the_manifest_does_not_name_is_refused_before_anything_starts()
    {
        _owner.Approve(_owner.Flights.Plan(Protection.Enclave, groupsPerRound: 1));
        using KeyBrokerCore broker = _owner.Broker();
        Plan other = _owner.Flights.Plan(Protection.Enclave, groupsPerRound: 2);

        JobFailedException failure = Assert.Throws<JobFailedException>(() => OwnerRun.Start(other, null, _owner.Options(other, broker)));

        Assert.Contains("plan.unknown", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MessageKind.Challenge, "report-data")]
    [InlineData(MessageKind.Evidence, "report-data")]
    public async Task Challenges_and_evidence_that_a_host_swaps_between_enclaves_give_no_key(MessageKind kind, string named)
    {
        Plan plan = _owner.Flights.Plan(Protection.Enclave);
        _owner.Approve(plan);
        using KeyBrokerCore broker = _owner.Broker();
        SwapMischief swap = new(kind);

        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => RunAsync(
            plan, null, _owner.Options(plan, broker, through: (number, channel) => new HostileChannel(number, channel, swap))));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Releases_that_a_host_swaps_between_enclaves_open_nothing()
    {
        Plan plan = _owner.Flights.Plan(Protection.Enclave);
        _owner.Approve(plan);
        using KeyBrokerCore broker = _owner.Broker();
        SwapMischief swap = new(MessageKind.Release);

        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => RunAsync(
            plan, null, _owner.Options(plan, broker, through: (number, channel) => new HostileChannel(number, channel, swap))));

        Assert.Contains("integrity", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_host_that_carries_evidence_and_keys_hears_no_name_of_the_job()
    {
        Plan plan = _owner.Flights.Plan(Protection.Enclave);
        _owner.Approve(plan);
        using KeyBrokerCore broker = _owner.Broker();
        ConcurrentQueue<byte[]> heard = [];

        await RunAsync(plan, _owner.Flights.Owner, _owner.Options(plan, broker, through: (_, channel) => new HeardChannel(channel, heard)));

        Assert.Contains(heard, message => message[0] == (byte)HostMessageKind.WorkerChallenge);
        Assert.DoesNotContain(heard, message => System.Text.Encoding.Latin1.GetString(message).Contains(plan.JobName, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_update_opens_a_key_epoch_in_which_new_code_goes_on_with_the_state_of_old_code()
    {
        using AttestedFlights owner = new(ResumedRows);
        Plan plan = owner.Flights.Plan(Protection.Enclave, groupsPerRound: 1);
        owner.Approve(plan);
        using (KeyBrokerCore first = owner.Broker())
        {
            await KillInTheMiddleAsync(owner, plan, first);
        }

        owner.Update(manifest => manifest with
        {
            Stages = [.. manifest.Stages.Select(stage => stage with { Accepted = [AttestedFlights.Accepts(AttestedFlights.Another)] })],
        });
        using KeyBrokerCore second = owner.Broker();
        OwnerRunOptions resumed = owner.Options(plan, second) with { Snapshots = owner.Flights.Snapshots, Resume = true };

        // The code of the version before gets no keys of the new epoch.
        JobFailedException refused = await Assert.ThrowsAsync<JobFailedException>(() => RunAsync(plan, null, resumed));
        Assert.Contains("measurement", refused.Message, StringComparison.Ordinal);

        RunReport report = await RunAsync(
            plan, null, owner.Options(plan, second, AttestedFlights.Another) with { Snapshots = owner.Flights.Snapshots, Resume = true });
        Assert.True(report.Finished);
        Assert.Equal(owner.Flights.Honest, owner.Flights.OpenResult().Rows);
    }

    [Fact]
    public async Task State_of_a_later_key_epoch_is_closed_to_who_has_the_keys_of_an_earlier_one()
    {
        using AttestedFlights owner = new(ResumedRows);
        Plan plan = owner.Flights.Plan(Protection.Enclave, groupsPerRound: 1);
        owner.Approve(plan);
        KeyBrokerCore before = owner.Broker();
        owner.Update(manifest => manifest);
        using (KeyBrokerCore after = owner.Broker())
        {
            await KillInTheMiddleAsync(owner, plan, after);
        }

        // A broker whose store was rolled back still releases epoch 0.
        using (before)
        {
            JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => RunAsync(
                plan, null, owner.Options(plan, before) with { Snapshots = owner.Flights.Snapshots, Resume = true }));
            Assert.Contains("snapshot", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_runs_proof_holds_for_its_result_and_for_no_other(bool hasKey)
    {
        using ResultRows result = new();
        Plan plan = hasKey ? _owner.Flights.Plan(Protection.Enclave, result.Sink) : _owner.Flights.Plan(Protection.Enclave);
        _owner.Approve(plan);
        using KeyBrokerCore broker = _owner.Broker();
        RunProof proof = new();
        await RunAsync(plan, hasKey ? _owner.Flights.Owner : null, _owner.Options(plan, broker) with { Proof = proof });

        Outcome<Proof> built = proof.Build(hasKey ? _owner.Flights.Owner : null, MachineClock.Instance.UtcNow);

        Assert.Null(built.Failure);
        ProofVerdict verdict = Verify(built.Value);
        Assert.True(verdict.Status == ProofStatus.HoldsAsSimulation, string.Join('\n', verdict.Checks));
        Assert.Equal(hasKey, !built.Value.Salt.IsEmpty);
        Assert.Equal(hasKey ? 1 : 0, built.Value.OwnerTimestamps.Length);
        Assert.Equal(!hasKey, built.Value.Sealed is not null);
        if (hasKey)
        {
            Assert.Equal(ProofStatus.HoldsAsSimulation, Verify(built.Value, RowsOf(built.Value, result)).Status);
            Assert.Equal(ProofStatus.Fails, Verify(built.Value, RowsOf(built.Value, result, without: 1)).Status);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Collateral_goes_with_each_request_and_a_proof_has_that_by_which_evidence_was_verified(bool brokerHasOwn)
    {
        Plan plan = _owner.Flights.Plan(Protection.Enclave);
        _owner.Approve(plan);
        using KeyBrokerCore core = _owner.Broker();
        ImmutableSortedDictionary<string, ImmutableArray<byte>> Files(byte content) => ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty.Add("crl.der", [content]);
        WatchedBroker broker = new(core) { Own = brokerHasOwn ? Files(2) : Files(1).Clear() };
        RunProof proof = new();

        await RunAsync(plan, null, _owner.Options(plan, broker) with { Proof = proof, Collateral = () => Files(1) });

        Assert.All(broker.Collateral, given => Assert.Equal([1], given["crl.der"]));
        Proof built = proof.Build(null, MachineClock.Instance.UtcNow).Value;
        Assert.Equal(2, built.Enclaves.Length);
        Assert.All(built.Enclaves, enclave => Assert.Equal([brokerHasOwn ? (byte)2 : (byte)1], enclave.Collateral["crl.der"]));
    }

    [Fact]
    public async Task A_run_that_was_resumed_has_a_proof_of_all_its_rows()
    {
        using AttestedFlights owner = new(ResumedRows);
        using ResultRows result = new();
        Plan plan = owner.Flights.Plan(Protection.Enclave, result.Sink, groupsPerRound: 1);
        owner.Approve(plan);
        using KeyBrokerCore broker = owner.Broker();
        await KillInTheMiddleAsync(owner, plan, broker, new RunProof());
        RunProof proof = new();
        await RunAsync(plan, owner.Flights.Owner, owner.Options(plan, broker) with { Snapshots = owner.Flights.Snapshots, Resume = true, Proof = proof });

        Proof built = proof.Build(owner.Flights.Owner, MachineClock.Instance.UtcNow).Value;

        ProofVerdict verdict = ProofVerifier.Verify(built, new ProofQuestion { OwnerKey = owner.OwnerKey, Result = RowsOf(built, result) });
        Assert.True(verdict.Status == ProofStatus.HoldsAsSimulation, string.Join('\n', verdict.Checks));
    }

    [Fact]
    public async Task A_run_that_was_begun_without_a_proof_gets_no_statement_of_its_later_rows_when_it_is_resumed()
    {
        using AttestedFlights owner = new(ResumedRows);
        using ResultRows result = new();
        Plan plan = owner.Flights.Plan(Protection.Enclave, result.Sink, groupsPerRound: 1);
        owner.Approve(plan);
        using KeyBrokerCore broker = owner.Broker();
        await KillInTheMiddleAsync(owner, plan, broker);

        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => RunAsync(
            plan, owner.Flights.Owner, owner.Options(plan, broker) with { Snapshots = owner.Flights.Snapshots, Resume = true, Proof = new RunProof() }));

        Assert.Contains("begun without a proof", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_of_stages_in_the_open_cannot_be_proven()
    {
        using ResultRows result = new();
        Plan plan = _owner.Flights.Plan(Protection.Enclave, result.Sink);
        _owner.Approve(plan);
        JobFailedException failure = Assert.Throws<JobFailedException>(
            () => OwnerRun.Start(plan, _owner.Flights.Owner, _owner.Options(plan, null) with { Proof = new RunProof() }));
        Assert.Contains("--broker", failure.Message, StringComparison.Ordinal);
    }

    private ProofVerdict Verify(Proof proof, ResultClaim? result = null) =>
        ProofVerifier.Verify(proof, new ProofQuestion { OwnerKey = _owner.OwnerKey, Result = result });

    /// <summary>The rows that were shown, as an auditor digests them, but for some at the end.</summary>
    private static ResultClaim RowsOf(Proof proof, ResultRows result, int without = 0)
    {
        using ResultDigestBuilder rows = new(proof.Salt.AsSpan());
        System.Buffers.ArrayBufferWriter<byte> bytes = new();
        List<byte[]> all = [];
        foreach (Batch batch in result.Batches)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                bytes.ResetWrittenCount();
                BatchRows.Write(batch, row, bytes);
                all.Add(bytes.WrittenSpan.ToArray());
            }
        }

        all.SkipLast(without).ToList().ForEach(row => rows.Add(row));
        return new ResultClaim("the result", rows.Digest, null);
    }

    private static async Task<RunReport> RunAsync(Plan plan, Secret? owner, OwnerRunOptions options)
    {
        await using OwnerRun run = OwnerRun.Start(plan, owner, options);
        return await run.Completion.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
    }

    private static async Task KillInTheMiddleAsync(AttestedFlights owner, Plan plan, IKeyBroker broker, RunProof? proof = null)
    {
        using GateMischief gate = new(owner.Flights.Snapshots);
        LocalHost? host = null;
        OwnerRunOptions options = owner.Options(plan, broker, through: (number, channel) => new HostileChannel(number, channel, gate), made: made => host = made);
        OwnerRun run = OwnerRun.Start(plan, owner.Flights.Owner, options with
        {
            Snapshots = owner.Flights.Snapshots,
            SnapshotInterval = TimeSpan.FromMilliseconds(10),
            Proof = proof,
        });
        Task first = await Task.WhenAny(gate.Held, run.Completion).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.True(first == gate.Held, run.Completion.Exception?.Message);
        host!.Kill();
        gate.Open();
        await Assert.ThrowsAsync<JobFailedException>(() => run.Completion);
        await run.DisposeAsync();
    }

    /// <summary>Gives the second enclave what is for the first, or of it.</summary>
    private sealed class SwapMischief(MessageKind swapped) : IMischief
    {
        private readonly TaskCompletionSource<byte[]> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IEnumerable<byte[]> Pass(int worker, bool toWorker, MessageKind kind, byte[] message)
        {
            if (kind != swapped)
            {
                return [message];
            }

            if (worker == 1)
            {
                _first.TrySetResult(message);
                return [message];
            }

            return [_first.Task.GetAwaiter().GetResult()];
        }
    }
}
