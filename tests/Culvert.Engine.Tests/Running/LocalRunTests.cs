using Culvert.Streams;

namespace Culvert.Engine.Tests;

public sealed class LocalRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, 1, 1 << 20)]
    [InlineData(2, 8, 1 << 20)]
    [InlineData(2, 8, 64)]
    [InlineData(3, 5, 7)]
    public async Task DelayedFlightsAreCountedPerCarrierWhateverTheCut(int workers, int partitions, long splitBytes)
    {
        string path = Path.Combine(_folder, "flights.csv");
        await File.WriteAllTextAsync(
            path,
            "Year,UniqueCarrier,ArrDelay\n2008,AA,5\n2008,AA,NA\n2008,DL,-3\n2008,DL,7\n2008,AA,10\n2008,WN,\n2008,DL,1\n",
            TestContext.Current.CancellationToken);

        (RunReport report, string[] rows) = await Jobs.RunAsync(
            sink => Jobs.DelayedFlights(Jobs.Csv(path, splitBytes, partitions), sink), new RunOptions { Workers = workers });

        Assert.Equal(["AA,2,15,7.5", "DL,2,8,4"], rows);
        Assert.Equal(7, report.Rows);
        Assert.True(report.Finished);
    }
}
