using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

public class HonestHostTests
{
    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task A_protected_run_gives_its_rows_to_the_owner(Protection protection)
    {
        using SealedFlights flights = new();
        using ResultRows result = new();
        LocalHost? host = null;
        Plan plan = flights.Plan(protection, result.Sink);
        await using OwnerRun run = OwnerRun.Start(plan, flights.Owner, flights.Options(plan, made => host = made));
        RunReport report = await run.Completion.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(report.Finished);
        Assert.Equal(2000, report.Rows);
        Assert.Equal(flights.Honest, SealedFlights.RowsOf(result));
        Assert.Empty(host!.Escaped);
    }

    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task A_sealed_result_opens_at_the_owner_and_names_its_input(Protection protection)
    {
        using SealedFlights flights = new();
        LocalHost? host = null;
        Plan plan = flights.Plan(protection);
        await using OwnerRun run = OwnerRun.Start(plan, flights.Owner, flights.Options(plan, made => host = made));
        RunReport report = await run.Completion.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(report.Finished);
        (string[]? rows, var inputs, string? refused) = flights.OpenResult();
        Assert.Null(refused);
        Assert.Equal(flights.Honest, rows);
        Assert.Single(inputs);
        Assert.Empty(host!.Escaped);
    }
}
