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

    [Fact]
    public async Task AFinishedRunThatIsResumedGivesItsResultAgainWithoutReading()
    {
        string path = Path.Combine(_folder, "flights.csv");
        await File.WriteAllTextAsync(path, "UniqueCarrier,ArrDelay\nAA,5\nDL,7\nAA,10\n", TestContext.Current.CancellationToken);
        string output = Path.Combine(_folder, "out.csv");
        string[] expected = ["carrier,delayed,total,average", "AA,2,15,7.5", "DL,1,7,7"];

        for (int attempt = 0; attempt < 3; attempt++)
        {
            using FolderBlobs blobs = new(Path.Combine(_folder, "snapshots"));
            Plan plan = Plan.Compile(Jobs.DelayedFlights(Jobs.Csv(path), new FileSinkSpec(output, new CsvFormat())));
            await using LocalRun run = await LocalRun.StartAsync(
                plan, new RunOptions { Snapshots = blobs, Resume = attempt > 0 }, TestContext.Current.CancellationToken);
            RunReport report = await run.Completion;
            Assert.True(report.Finished);
            Assert.Equal(3, report.Rows);
            Assert.Equal(expected, (await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken)).Order(new HeaderFirst()));
            Assert.False(File.Exists(output + FileSinkSpec.PartialSuffix));
        }
    }

    private sealed class HeaderFirst : IComparer<string>
    {
        public int Compare(string? x, string? y) =>
            (x!.StartsWith("carrier", StringComparison.Ordinal), y!.StartsWith("carrier", StringComparison.Ordinal)) switch
            {
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(x, y),
            };
    }
}
