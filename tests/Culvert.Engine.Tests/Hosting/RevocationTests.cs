using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>What becomes of a run that is going on when its owner takes something back, or changes the manifest.</summary>
public sealed class RevocationTests : IDisposable
{
    private const int Workers = 2;
    private const int Rows = 120 * SealedFlights.GroupRows;

    private static readonly TimeSpan s_check = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly AttestedFlights _owner = new();

    public void Dispose() => _owner.Dispose();

    public static TheoryData<string, string> Revocations => new()
    {
        { "measurement", "measurement.revoked" },
        { "job", "job.revoked" },
        { "accepted", "measurement" },
        { "simulation", "simulation.not-allowed" },
        { "plan", "plan.unknown" },
        { "expired", "manifest.expired" },
    };

    [Theory]
    [MemberData(nameof(Revocations))]
    public async Task An_endless_run_ends_once_what_it_runs_on_is_taken_back(string what, string named)
    {
        using ResultRows result = new();
        Plan plan = Endless(result);
        _owner.Approve(plan);
        using KeyBrokerCore core = _owner.Broker();
        WatchedBroker broker = new(core);
        await using JobRun run = await StartAsync(plan, broker);
        await ReleasedAsync(broker, run);

        _owner.Update(manifest => TakeBack(manifest, what));
        Assert.Null((await core.TakeAsync(_owner.History, TestContext.Current.CancellationToken)).Failure);

        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => run.Completion.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        Assert.Contains($"takes back what this run was given keys for: {named}", failure.Message, StringComparison.Ordinal);
        Assert.All(broker.Epochs, epoch => Assert.Equal(0, epoch));
    }

    [Fact]
    public async Task A_run_whose_broker_is_cut_off_ends_after_so_many_checks()
    {
        using ResultRows result = new();
        Plan plan = Endless(result);
        _owner.Approve(plan);
        using KeyBrokerCore core = _owner.Broker();
        WatchedBroker broker = new(core);
        await using JobRun run = await StartAsync(plan, broker);
        await ReleasedAsync(broker, run);
        broker.IsCutOff = true;
        int before = broker.Asked;

        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => run.Completion.WaitAsync(s_patience, TestContext.Current.CancellationToken));

        Assert.Contains("could not be asked for 0.1 s", failure.Message, StringComparison.Ordinal);
        Assert.InRange(broker.Asked - before, ReleaseWatch.SilenceChecksMax - 1, ReleaseWatch.SilenceChecksMax + 1);
    }

    [Fact]
    public async Task A_broker_that_is_away_for_a_while_ends_nothing()
    {
        using ResultRows result = new();
        Plan plan = Endless(result);
        _owner.Approve(plan);
        using KeyBrokerCore core = _owner.Broker();
        WatchedBroker broker = new(core);
        await using JobRun run = await StartAsync(plan, broker);
        await ReleasedAsync(broker, run);
        for (int i = 0; i < 4; i++)
        {
            broker.IsCutOff = true;
            await AskedAgainAsync(broker, run, times: 4);
            broker.IsCutOff = false;
            await AskedAgainAsync(broker, run, times: 2);
        }

        Assert.False(run.Completion.IsCompleted);
        run.Stop();
        Assert.False((await run.Completion).Finished);
    }

    [Fact]
    public async Task Without_snapshots_a_run_goes_on_in_its_epoch_when_an_update_takes_nothing_back()
    {
        using ResultRows result = new();
        Plan plan = Endless(result);
        _owner.Approve(plan);
        using KeyBrokerCore core = _owner.Broker();
        WatchedBroker broker = new(core);
        await using JobRun run = await StartAsync(plan, broker);
        await ReleasedAsync(broker, run);
        _owner.Update(manifest => manifest);
        Assert.Null((await core.TakeAsync(_owner.History, TestContext.Current.CancellationToken)).Failure);
        await AskedAgainAsync(broker, run, times: 5);

        Assert.False(run.Completion.IsCompleted, run.Completion.Exception?.Message);
        Assert.Equal(Enumerable.Repeat(0, Workers), broker.Epochs);

        // A later revocation is by the version then in force.
        _owner.Update(manifest => TakeBack(manifest, "measurement"));
        Assert.Null((await core.TakeAsync(_owner.History, TestContext.Current.CancellationToken)).Failure);
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => run.Completion.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        Assert.Contains("measurement.revoked", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_snapshots_a_run_enters_the_epoch_that_an_update_opens_and_its_result_is_the_same(bool hasKey)
    {
        using AttestedFlights owner = new(Rows);
        using ResultRows result = new();
        Plan plan = hasKey ? owner.Flights.Plan(Protection.Enclave, result.Sink, groupsPerRound: 1) : owner.Flights.Plan(Protection.Enclave, groupsPerRound: 1);
        owner.Approve(plan);
        using KeyBrokerCore core = owner.Broker();
        WatchedBroker broker = new(core);
        PaceMischief pace = new(() => broker.Epochs.Contains(1));
        List<string> said = [];
        await using JobRun run = await JobRun.StartAsync(
            plan,
            hasKey ? owner.Flights.Owner : null,
            owner.Options(plan, broker, through: (number, channel) => new HostileChannel(number, channel, pace)) with
            {
                ReleaseCheckInterval = s_check,
                Snapshots = owner.Flights.Snapshots,
                SnapshotInterval = s_check,
                Warn = said.Add,
            },
            TestContext.Current.CancellationToken);
        await ReleasedAsync(broker, run);

        owner.Update(manifest => manifest);
        Assert.Null((await core.TakeAsync(owner.History, TestContext.Current.CancellationToken)).Failure);
        RunReport report = await run.Completion.WaitAsync(s_patience, TestContext.Current.CancellationToken);

        Assert.True(report.Finished);
        Assert.Equal([.. Enumerable.Repeat(0, Workers), .. Enumerable.Repeat(1, Workers)], broker.Epochs);
        Assert.Equal(owner.Flights.Honest, hasKey ? SealedFlights.RowsOf(result) : owner.Flights.OpenResult().Rows);
        Assert.Contains("next key epoch", Assert.Single(said), StringComparison.Ordinal);
    }

    /// <summary>The job over a file that is followed: it never ends by itself.</summary>
    private Plan Endless(ResultRows result)
    {
        string path = _owner.Flights.PathOf("flights.csv");
        File.WriteAllText(path, SealedFlights.Flights(500, seed: 3).Csv);
        CsvSourceSpec csv = Jobs.Csv(path);
        return _owner.Flights.Plan(Protection.Enclave, result.Sink, source: new CsvSourceSpec(csv.Settings with { Follow = true }));
    }

    private async Task<JobRun> StartAsync(Plan plan, IKeyBroker broker) => await JobRun.StartAsync(
        plan, _owner.Flights.Owner, _owner.Options(plan, broker) with { ReleaseCheckInterval = s_check }, TestContext.Current.CancellationToken);

    private static Manifest TakeBack(Manifest manifest, string what) => what switch
    {
        "measurement" => manifest with { Revoked = manifest.Revoked with { Measurements = [Convert.ToHexStringLower(AttestedFlights.Approved)] } },
        "job" => manifest with { Revoked = manifest.Revoked with { Job = true } },
        "accepted" => manifest with
        {
            Stages = [.. manifest.Stages.Select(stage => stage with { Accepted = [AttestedFlights.Accepts(AttestedFlights.Another)] })],
        },
        "simulation" => manifest with { AllowSimulation = false },
        "plan" => manifest with { Plan = PlanDigest.FromBytes(AttestedFlights.Another) },
        "expired" => manifest with { NotAfter = manifest.NotBefore.AddMinutes(30) },
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };

    /// <summary>Waits until all enclaves have their keys.</summary>
    private static Task ReleasedAsync(WatchedBroker broker, JobRun run) => UntilAsync(() => broker.Epochs.Count >= Workers, run);

    private static Task AskedAgainAsync(WatchedBroker broker, JobRun run, int times)
    {
        int before = broker.Asked;
        return UntilAsync(() => broker.Asked >= before + times, run);
    }

    private static async Task UntilAsync(Func<bool> condition, JobRun run)
    {
        while (!condition())
        {
            Assert.False(run.Completion.IsCompleted, run.Completion.Exception?.InnerException?.Message ?? "the run has ended");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Brings workers their input slowly until something has come about.</summary>
    private sealed class PaceMischief(Func<bool> hasCome) : IMischief
    {
        private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(100);

        public IEnumerable<byte[]> Pass(int worker, bool toWorker, MessageKind kind, byte[] message)
        {
            if (toWorker && kind == MessageKind.Block)
            {
                SpinWait.SpinUntil(hasCome, s_pace);
            }

            return [message];
        }
    }
}
