using System.Collections.Concurrent;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>
/// Whatever a host does to what it carries: the result is the honest one, or there is none and the owner is told why. It is
/// never a wrong one, and no run hangs or takes a process with it.
/// </summary>
public class HostileHostTests
{
    private static readonly TimeSpan s_stallMax = TimeSpan.FromSeconds(5);

    /// <summary>Far above what a run takes here; nothing else ends one that hangs.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(Protection.Sealed, true, 0)]
    [InlineData(Protection.Enclave, true, 1000)]
    [InlineData(Protection.Enclave, false, 2000)]
    public async Task A_hostile_router_changes_no_result(Protection protection, bool toOwner, int firstSeed)
    {
        const int Seeds = 60;
        using SealedFlights flights = new();
        ConcurrentBag<(int Seed, string Done, string? Failure)> outcomes = [];
        await Parallel.ForEachAsync(
            Enumerable.Range(firstSeed, Seeds),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken },
            async (seed, _) =>
            {
                SeededMischief mischief = new(seed);
                string? failure = await RunAsync(flights, protection, toOwner, mischief, seed);
                outcomes.Add((seed, mischief.Done, failure));
            });

        // The test is worth something only if runs of both kinds were among them.
        Assert.Equal(Seeds, outcomes.Count);
        Assert.Contains(outcomes, o => o.Failure is null && o.Done != "nothing");
        Assert.Contains(outcomes, o => o.Failure is not null && o.Failure.Contains("integrity error", StringComparison.Ordinal));
        Assert.All(outcomes, o => Assert.True(IsHonestOrTold(o.Failure), $"seed {o.Seed}: {o.Done}: {o.Failure}"));
    }

    /// <summary>An integrity error, or a stop: nothing came any more, or a machine under load was too slow for this test's short patience.</summary>
    private static bool IsHonestOrTold(string? failure) =>
        failure is null || failure.Contains("integrity error", StringComparison.Ordinal) || failure.Contains("no progress", StringComparison.Ordinal);

    /// <summary>Null when the result is the honest one; otherwise why there is none. Anything else fails the test.</summary>
    private static async Task<string?> RunAsync(SealedFlights flights, Protection protection, bool toOwner, SeededMischief mischief, int seed)
    {
        using ResultRows result = new();
        string output = flights.PathOf($"result-{seed}.sealed");
        LocalHost? host = null;
        OwnerRun run;
        try
        {
            Plan plan = flights.Plan(protection, toOwner ? result.Sink : null);
            run = OwnerRun.Start(plan, flights.Owner, flights.Options(plan, made => host = made, (number, channel) => new HostileChannel(number, channel, mischief)) with
            {
                Output = output,
                StallMax = s_stallMax,
            });
        }
        catch (JobFailedException refused)
        {
            return refused.Message;
        }

        string? failure;
        try
        {
            RunReport report = await run.Completion.WaitAsync(s_patience);
            Assert.True(report.Finished, $"seed {seed}: {mischief.Done}: the run neither finished nor failed");
            Assert.Equal(2000, report.Rows);
            failure = null;
        }
        catch (JobFailedException failed)
        {
            failure = failed.Message;
        }

        await run.DisposeAsync();
        Assert.True(!host!.Escaped.Any(), $"seed {seed}: {mischief.Done}: {host.Escaped.FirstOrDefault()}");
        if (failure is not null)
        {
            return failure;
        }

        if (toOwner)
        {
            Assert.Equal(flights.Honest, SealedFlights.RowsOf(result));
            return null;
        }

        // The host keeps a sealed result: what it did to it shows when it is opened.
        (string[]? rows, _, string? refusal) = flights.OpenResult(output);
        if (rows is not null)
        {
            Assert.Equal(flights.Honest, rows);
        }

        return refusal is null ? null : $"integrity error: {refusal}";
    }
}
