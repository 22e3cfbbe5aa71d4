using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Sources;

/// <summary>The real flights, where they are at hand, against the figures that came with them.</summary>
public class CsvFlightsTests
{
    private static readonly string[] Files = ["allyears2k-29col-16years.csv.gz", "flights_2008_5_1.csv.gz", "flights_2008_5_2.csv.gz"];

    private static readonly ImmutableArray<CsvColumn> Columns =
    [
        .. "Year,Month,DayofMonth,DayOfWeek,DepTime,CRSDepTime,ArrTime,CRSArrTime,UniqueCarrier,FlightNum,TailNum,ActualElapsedTime,CRSElapsedTime,AirTime,ArrDelay,DepDelay,Origin,Dest,Distance,TaxiIn,TaxiOut,Cancelled,CancellationCode,Diverted,CarrierDelay,WeatherDelay,NASDelay,SecurityDelay,LateAircraftDelay"
            .Split(',').Select(n => new CsvColumn(n)),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flights_with_and_without_a_header_in_one_run_add_up(bool unpacked)
    {
        string folder = Flights();
        using CsvFolder here = new();
        string[] paths = [.. Files.Select(f => unpacked ? Unpack(here, Path.Join(folder, f)) : Path.Join(folder, f))];
        using CsvSource source = CsvSource.Open(new CsvSourceSettings
        {
            Inputs = [.. paths],
            Wanted = ["UniqueCarrier", "ArrDelay"],
            SplitBytes = 100_000,
            Csv = new CsvOptions
            {
                Columns = Columns,
                Missing = ["NA", "", "\\N"],
                Types = ImmutableDictionary<string, ColumnType>.Empty.Add("UniqueCarrier", new ColumnType(ValueKind.Text)).Add("ArrDelay", new ColumnType(ValueKind.Int32, true)),
            },
        });
        SortedDictionary<string, (long Rows, long Numbers, long Sum, long Late)> found = new(StringComparer.Ordinal);
        for (int p = 0; p < source.PartitionCount; p++)
        {
            using ISourcePartition partition = source.Open(new PartitionId(p), default);
            while (partition.ReadRound(batch => Add(found, batch), CancellationToken.None).Kind == SourceStepKind.Round)
            {
            }
        }

        Assert.Equal(Expected(folder), found);
    }

    [Fact]
    public void Tail_numbers_that_are_not_utf8_keep_their_bytes()
    {
        string path = Path.Join(Flights(), Files[0]);
        using CsvSource source = CsvSource.Open(new CsvSourceSettings { Inputs = [path], Wanted = ["TailNum"], PartitionCount = 1 });
        int odd = 0;
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        while (partition.ReadRound(Count, CancellationToken.None).Kind == SourceStepKind.Round)
        {
        }

        Assert.Equal(1999, odd);

        void Count(Batch batch)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                odd += batch.Text(0).GetBytes(i).ContainsAny((byte)0xE2, (byte)0xE4, (byte)0xE5) || batch.Text(0).GetBytes(i).Contains((byte)0xE6) ? 1 : 0;
            }

            batch.Dispose();
        }
    }

    private static void Add(SortedDictionary<string, (long Rows, long Numbers, long Sum, long Late)> found, Batch batch)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            string carrier = Encoding.UTF8.GetString(batch.Text(0).GetBytes(i));
            (long rows, long numbers, long sum, long late) = found.GetValueOrDefault(carrier);
            int delay = batch.Fixed<int>(1).Values[i];
            found[carrier] = (rows + 1, numbers + (batch[1].IsNull(i) ? 0 : 1), sum + delay, late + (delay > 0 ? 1 : 0));
        }

        batch.Dispose();
    }

    private static SortedDictionary<string, (long Rows, long Numbers, long Sum, long Late)> Expected(string folder)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Join(folder, "expected-aggregates.json")));
        SortedDictionary<string, (long Rows, long Numbers, long Sum, long Late)> expected = new(StringComparer.Ordinal);
        foreach (JsonProperty carrier in Files.SelectMany(f => document.RootElement.GetProperty(f).GetProperty("carriers").EnumerateObject()))
        {
            (long rows, long numbers, long sum, long late) = expected.GetValueOrDefault(carrier.Name);
            expected[carrier.Name] = (rows + Get("rows"), numbers + Get("numeric_arr_delay"), sum + Get("sum_arr_delay"), late + Get("arr_delay_gt_0"));

            long Get(string name) => carrier.Value.GetProperty(name).GetInt64();
        }

        return expected;
    }

    private static string Unpack(CsvFolder here, string path)
    {
        using FileStream stored = File.OpenRead(path);
        using System.IO.Compression.GZipStream stream = new(stored, System.IO.Compression.CompressionMode.Decompress);
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return here.Write(Path.GetFileNameWithoutExtension(path), bytes.ToArray());
    }

    private static string Flights()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Join(at.FullName, "shared", "data", "flights");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        Assert.Skip("the flights' data is not at hand: there is no folder shared/data/flights beside the repository");
        return "";
    }
}
