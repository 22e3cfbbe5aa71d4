using System.Collections.Concurrent;
using System.Text;
using Culvert.Enclaves;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>What an owner is told about data and failures, its host does not hear.</summary>
public sealed class HostSecrecyTests
{
    private static readonly string[] s_secrets = ["UniqueCarrier", "ArrDelay", "delayed-flights", "carrier", "division", "event is"];

    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task A_host_hears_no_name_of_a_job_or_column(Protection protection)
    {
        using SealedFlights flights = new();
        ConcurrentQueue<byte[]> heard = [];
        await using OwnerRun run = Start(flights, flights.Plan(protection), heard);
        RunReport report = await run.Completion.WaitAsync(TestContext.Current.CancellationToken);

        Assert.True(report.Finished);
        Assert.Equal(flights.Honest, flights.OpenResult().Rows);
        Assert.True(heard.Sum(m => m.Length) > flights.Honest.Sum(r => r.Length), "the host heard next to nothing: the test shows nothing");
        AssertHidden(heard);
    }

    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task A_row_that_an_operator_fails_on_is_the_owners_alone(Protection protection)
    {
        using SealedFlights flights = new();
        ConcurrentQueue<byte[]> heard = [];
        Plan plan = flights.Plan(protection);
        SourceNode source = plan.Stages.Select(s => s.Source).OfType<SourceNode>().First();
        Expr delay = Expr.Column(source.Schema, "ArrDelay");
        SelectNode divided = new(source, [new NamedExpr("share", Expr.Binary(BinaryOperator.Divide, Expr.Constant(100), delay))]);
        Job job = new("delayed-flights", new SinkNode(divided, new SealedResultSinkSpec()));
        await using OwnerRun run = Start(flights, Plan.Compile(JobProtection.Apply(job, protection)), heard);

        JobFailedException failed = await Assert.ThrowsAsync<JobFailedException>(() => run.Completion.WaitAsync(TestContext.Current.CancellationToken));

        Assert.Contains("division by zero", failed.Message, StringComparison.Ordinal);
        Assert.Contains("the event is {", failed.Message, StringComparison.Ordinal);
        Assert.Contains(heard, m => Encoding.Latin1.GetString(m).Contains("failed; the owner knows more", StringComparison.Ordinal));
        AssertHidden(heard);
    }

    [Theory]
    [InlineData(Protection.Sealed)]
    [InlineData(Protection.Enclave)]
    public async Task A_host_that_alters_a_column_does_not_learn_its_name(Protection protection)
    {
        using SealedFlights flights = new();
        byte[] bytes = File.ReadAllBytes(flights.Input);
        int second = bytes.AsSpan().IndexOf("CBLK"u8);
        second += 4 + bytes.AsSpan(second + 4).IndexOf("CBLK"u8);

        // Columns lie at the end of a row group's block: from there back to the second.
        for (int back = 20; back <= 400; back += 20)
        {
            byte[] altered = [.. bytes];
            altered[second - back] ^= 1;
            File.WriteAllBytes(flights.Input, altered);
            ConcurrentQueue<byte[]> heard = [];
            await using OwnerRun run = Start(flights, flights.Plan(protection), heard);
            string? failed = null;
            try
            {
                await run.Completion.WaitAsync(TestContext.Current.CancellationToken);
            }
            catch (JobFailedException failure)
            {
                failed = failure.Message;
            }

            AssertHidden(heard);
            if (failed?.Contains("column 'ArrDelay' was altered", StringComparison.Ordinal) == true)
            {
                Assert.Contains(flights.Input, failed, StringComparison.Ordinal);
                Assert.Contains(heard, m => Encoding.Latin1.GetString(m).Contains("row group 0, column 2 was altered", StringComparison.Ordinal));
                return;
            }
        }

        Assert.Fail("no altered byte was one of the column: the test shows nothing");
    }

    private static OwnerRun Start(SealedFlights flights, Plan plan, ConcurrentQueue<byte[]> heard) => OwnerRun.Start(plan, flights.Owner, new OwnerRunOptions
    {
        Workers = 2,
        Output = flights.Output,
        Code = LuaScripts.Of(plan).WriteCanonical().Value,
        Host = () => new LocalHost((_, channel) => new HeardChannel(channel, heard)),
    });

    private static void AssertHidden(IEnumerable<byte[]> heard)
    {
        foreach (byte[] message in heard)
        {
            foreach (string secret in s_secrets)
            {
                Assert.True(
                    message.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0,
                    $"the host heard '{secret}': {Encoding.Latin1.GetString(message)}");
            }
        }
    }
}
