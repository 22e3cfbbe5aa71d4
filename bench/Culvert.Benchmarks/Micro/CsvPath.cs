using BenchmarkDotNet.Attributes;
using Culvert.Engine;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Benchmarks.Micro;

/// <summary>A file of flights to batches, in one thread: two columns of 29, and all.</summary>
public class CsvPath
{
    private const int Rows = 200_000;

    private readonly string _path = Path.GetTempFileName();

    /// <summary>Columns to parse.</summary>
    [Params("UniqueCarrier,ArrDelay", "")]
    public string Wanted { get; set; } = "";

    /// <summary>Makes the file.</summary>
    [GlobalSetup]
    public void Setup()
    {
        using FileStream file = File.Create(_path);
        FlightsGenerator.Write(file, new FlightsOptions { Rows = Rows }, CancellationToken.None);
    }

    /// <summary>Removes the file.</summary>
    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);

    /// <summary>Reads and parses the file.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public long Read()
    {
        CsvSourceSettings settings = new()
        {
            Inputs = [_path],
            PartitionCount = 1,
            Wanted = Wanted.Length == 0 ? null : [.. Wanted.Split(',')],
            Csv = new CsvOptions { Missing = ["", "NA"] },
        };
        using CsvSource source = CsvSource.Open(settings);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        long rows = 0;
        while (partition.ReadRound(Take, CancellationToken.None).Kind != SourceStepKind.End)
        {
        }

        return rows;

        void Take(Batch batch)
        {
            rows += batch.Count;
            batch.Dispose();
        }
    }
}
