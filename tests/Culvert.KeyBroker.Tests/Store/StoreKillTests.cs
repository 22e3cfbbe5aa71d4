using System.Diagnostics;
using System.Globalization;
using Culvert.Attestation.Tests.Release;
using Culvert.Sealing;

namespace Culvert.KeyBroker.Tests.Store;

/// <summary>A real process that adds to a store is killed at any moment: nothing that it was told is written is ever lost.</summary>
public sealed class StoreKillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-kill-").FullName;

    [Fact]
    public async Task No_record_that_was_answered_is_forgotten_by_kill_9()
    {
        Random random = new(20260103);
        int answered = 0;
        int rounds = Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1" ? 200 : 6;
        await using (BrokerStore begun = Open())
        {
            await begun.AppendAsync(BrokerStoreTests.Taken(1), TestContext.Current.CancellationToken);
        }

        for (int round = 1; round <= rounds; round++)
        {
            int killAfter = random.Next(1, 200);
            answered += await KilledAfterAsync(killAfter);

            await using BrokerStore store = Open();
            int counted = store.Read().Activations(77, 1, new StageId(0));
            Assert.InRange(counted, answered, answered + (round * StoreWriter.Writers));
        }

        Assert.True(answered >= rounds);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<int> KilledAfterAsync(int lines)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(StoreKillTests).Assembly.Location);
        }

        start.ArgumentList.Add(StoreWriter.Argument);
        start.ArgumentList.Add(_folder);
        using Process process = Process.Start(start)!;
        int answered = 0;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            Assert.Equal("written", line);
            if (++answered == lines)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(137, process.ExitCode);
        Assert.True(answered >= lines, string.Create(CultureInfo.InvariantCulture, $"{answered} of {lines}"));
        return answered;
    }

    private BrokerStore Open()
    {
        using Secret owner = StoreWriter.OwnerOf();
        return PlayOwner.Value(BrokerStore.Open(_folder, owner, SystemEntropy.Instance, _ => { }));
    }
}
