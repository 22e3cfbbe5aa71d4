using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>Protected runs whose host is killed in the middle, and what a host can bring when they go on.</summary>
public class ResumeTests
{
    private const int Rows = 120 * SealedFlights.GroupRows;

    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task A_sealed_result_is_the_same_behind_a_killed_host(Protection protection)
    {
        using SealedFlights flights = new(Rows);
        Plan plan = flights.Plan(protection, groupsPerRound: 1);
        await KillInTheMiddleAsync(flights, plan);
        Assert.False(File.Exists(flights.Output));
        RunReport report = await ResumeAsync(flights, plan);
        Assert.True(report.Finished);
        Assert.Equal(Rows, report.Rows);
        (string[]? rows, var inputs, string? refused) = flights.OpenResult();
        Assert.Null(refused);
        Assert.Equal(flights.Honest, rows);
        Assert.Single(inputs);
    }

    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task Rows_at_the_owner_are_the_same_behind_a_killed_host(Protection protection)
    {
        using SealedFlights flights = new(Rows);
        using ResultRows result = new();
        Plan plan = flights.Plan(protection, result.Sink, groupsPerRound: 1);
        await KillInTheMiddleAsync(flights, plan);
        RunReport report = await ResumeAsync(flights, plan);
        Assert.True(report.Finished);
        Assert.Equal(Rows, report.Rows);
        Assert.Equal(flights.Honest, SealedFlights.RowsOf(result));
    }

    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task A_source_at_the_owner_goes_on_where_it_was(Protection protection)
    {
        using SealedFlights flights = new(64);
        using ResultRows result = new();
        (string csv, string[] honest) = SealedFlights.Flights(Rows, seed: 5);
        Plan plan = PlanOverCsv(flights, protection, result, csv);
        await KillInTheMiddleAsync(flights, plan);
        RunReport report = await ResumeAsync(flights, plan);
        Assert.True(report.Finished);
        Assert.Equal(Rows, report.Rows);
        Assert.Equal(honest, SealedFlights.RowsOf(result));
    }

    [Fact]
    public async Task State_of_an_older_run_is_not_joined_with_other_rows_at_the_owner()
    {
        using SealedFlights flights = new(64);
        using ResultRows result = new();
        Plan plan = PlanOverCsv(flights, Protection.Enclave, result, SealedFlights.Flights(Rows, seed: 5).Csv);
        await KillInTheMiddleAsync(flights, plan);
        File.WriteAllText(flights.PathOf("flights.csv"), SealedFlights.Flights(Rows, seed: 6).Csv);
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => ResumeAsync(flights, plan));
        Assert.Contains("cannot resume", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task State_of_an_older_run_is_not_joined_with_another_sealed_file(Protection protection)
    {
        using SealedFlights flights = new(Rows);
        using ResultRows result = new();
        await KillInTheMiddleAsync(flights, flights.Plan(protection, result.Sink, groupsPerRound: 1));
        string other = flights.PathOf("other.sealed");
        flights.Seal(other, Rows, seed: 9);
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(
            () => ResumeAsync(flights, flights.Plan(protection, result.Sink, other, groupsPerRound: 1)));
        Assert.Contains("belongs to another partition, plan or run", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_old_snapshot_brings_nothing_wrong()
    {
        using SealedFlights flights = new(Rows);
        using ResultRows result = new();
        Plan plan = flights.Plan(Protection.Enclave, result.Sink, groupsPerRound: 1);
        await KillInTheMiddleAsync(flights, plan);
        string old = flights.PathOf("old");
        Copy(flights.Snapshots, old);
        Assert.True((await ResumeAsync(flights, plan)).Finished);

        // The run has ended; its host goes back to the middle.
        Directory.Delete(flights.Snapshots, recursive: true);
        Copy(old, flights.Snapshots);
        RunReport again = await ResumeAsync(flights, plan);
        Assert.True(again.Finished);
        Assert.Equal(flights.Honest, SealedFlights.RowsOf(result));
    }

    [Fact]
    public async Task Blobs_with_flipped_bits_or_in_each_others_place_bring_nothing_wrong()
    {
        using SealedFlights flights = new(Rows);
        using ResultRows result = new();
        Plan plan = flights.Plan(Protection.Enclave, result.Sink, groupsPerRound: 1);
        await KillInTheMiddleAsync(flights, plan);
        string whole = flights.PathOf("whole");
        Copy(flights.Snapshots, whole);
        int refused = 0;
        for (int seed = 0; seed < 12; seed++)
        {
            Random random = new(seed);
            Directory.Delete(flights.Snapshots, recursive: true);
            Copy(whole, flights.Snapshots);
            string[] blobs = [.. Directory.EnumerateFiles(flights.Snapshots, "*", SearchOption.AllDirectories)
                .Where(f => !Path.GetFileName(f).StartsWith('.')).Order(StringComparer.Ordinal)];
            string one = blobs[random.Next(blobs.Length)];
            if (seed % 2 == 0)
            {
                byte[] bytes = File.ReadAllBytes(one);
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(one, bytes);
            }
            else
            {
                File.Copy(blobs[random.Next(blobs.Length)], one, overwrite: true);
            }

            try
            {
                RunReport report = await ResumeAsync(flights, plan);
                Assert.True(report.Finished);
                Assert.Equal(flights.Honest, SealedFlights.RowsOf(result));
            }
            catch (JobFailedException)
            {
                refused++;
            }
        }

        Assert.True(refused > 0);
    }

    [Fact]
    public async Task Snapshots_of_another_plan_are_refused()
    {
        using SealedFlights flights = new(Rows);
        using ResultRows result = new();
        await KillInTheMiddleAsync(flights, flights.Plan(Protection.Enclave, result.Sink, groupsPerRound: 1));
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(
            () => ResumeAsync(flights, flights.Plan(Protection.Enclave, result.Sink, groupsPerRound: 2)));
        Assert.Contains("cannot resume", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Runs until a snapshot is there, and takes the host away.</summary>
    private static async Task KillInTheMiddleAsync(SealedFlights flights, Plan plan)
    {
        using GateMischief gate = new(flights.Snapshots);
        LocalHost? host = null;
        OwnerRun run = OwnerRun.Start(plan, flights.Owner, flights.Options(plan, made => host = made, (number, channel) => new HostileChannel(number, channel, gate)) with
        {
            Snapshots = flights.Snapshots,
            SnapshotInterval = TimeSpan.FromMilliseconds(10),
        });
        Task first = await Task.WhenAny(gate.Held, run.Completion).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(first == gate.Held, run.Completion.Exception?.Message);
        host!.Kill();
        gate.Open();
        await Assert.ThrowsAsync<JobFailedException>(() => run.Completion);
        await run.DisposeAsync();
        Assert.Empty(host.Escaped);
    }

    private static async Task<RunReport> ResumeAsync(SealedFlights flights, Plan plan)
    {
        LocalHost? host = null;
        OwnerRun run = OwnerRun.Start(plan, flights.Owner, flights.Options(plan, made => host = made) with
        {
            Snapshots = flights.Snapshots,
            Resume = true,
        });
        await using (run)
        {
            RunReport report = await run.Completion.WaitAsync(TimeSpan.FromMinutes(2));
            Assert.Empty(host!.Escaped);
            return report;
        }
    }

    private static Plan PlanOverCsv(SealedFlights flights, Protection protection, ResultRows result, string csv)
    {
        string path = flights.PathOf("flights.csv");
        File.WriteAllText(path, csv);
        return flights.Plan(protection, result.Sink, source: Jobs.Csv(path, splitBytes: 1024, partitions: 3));
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith('.')))
        {
            string copy = Path.Join(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
