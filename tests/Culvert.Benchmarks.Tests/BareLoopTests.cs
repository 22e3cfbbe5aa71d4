using System.Globalization;
using System.Text;
using Culvert.Benchmarks.Flights;
using Culvert.Engine;

namespace Culvert.Benchmarks.Tests;

public class BareLoopTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2_000, 1)]

    // More than one chunk, so that rows lie across the borders of chunks.
    [InlineData(20_000, 1)]
    [InlineData(20_000, 2)]
    public void It_answers_as_a_plain_reading_of_the_file_does(int rows, int threads)
    {
        using MemoryStream stream = new();
        FlightsGenerator.Write(stream, new FlightsOptions { Rows = rows, Seed = 3 }, TestContext.Current.CancellationToken);

        Assert.Equal(Plainly(Encoding.ASCII.GetString(stream.ToArray())), Run(stream.ToArray(), threads));
    }

    [Theory]
    [InlineData("1", "AA 1 1\n")]
    [InlineData("1234", "AA 1 1234\n")]
    [InlineData("0", "")]
    [InlineData("-5", "")]
    [InlineData("NA", "")]
    [InlineData("", "")]
    public void It_counts_delays_above_zero_only(string delay, string answer) =>
        Assert.Equal(answer, Run(Encoding.ASCII.GetBytes($"{FlightsGenerator.Columns}\n{Row(delay)}\n"), 1));

    [Fact]
    public void It_reads_a_last_line_without_its_end() =>
        Assert.Equal("AA 2 12\n", Run(Encoding.ASCII.GetBytes($"{FlightsGenerator.Columns}\n{Row("5")}\n{Row("7")}"), 1));

    [Fact]
    public void A_header_alone_has_no_answer() =>
        Assert.Equal("", Run(Encoding.ASCII.GetBytes(FlightsGenerator.Columns + "\n"), 2));

    private static string Row(string delay) => $"2008,1,1,2,1,1,1,1,AA,1,N1,1,1,1,{delay},1,ATL,ORD,1,1,1,0,,0,NA,NA,NA,NA,NA";

    private static string Run(byte[] content, int threads)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, content);
            return DelayedFlightsFromCsv.RunBareLoop(path, threads);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Plainly(string csv) =>
        string.Concat(csv.TrimEnd('\n').Split('\n').Skip(1)
            .Select(line => line.Split(','))
            .Where(fields => int.TryParse(fields[14], CultureInfo.InvariantCulture, out int delay) && delay > 0)
            .GroupBy(fields => fields[8], fields => int.Parse(fields[14], CultureInfo.InvariantCulture))
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} {group.Count()} {group.Sum()}\n"));
}
