using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Engine.Tests;

public class FlightsGeneratorTests
{
    private const int DepTime = 4, CrsDepTime = 5, ArrTime = 6, Carrier = 8, FlightNumber = 9, ActualElapsed = 11, CrsElapsed = 12,
        AirTime = 13, ArrDelay = 14, DepDelay = 15, Origin = 16, Destination = 17, TaxiIn = 19, TaxiOut = 20, Cancelled = 21,
        CancellationCode = 22, Diverted = 23, FirstCause = 24;

    private static readonly string[][] s_rows = Rows(new FlightsOptions { Rows = 30_000, Header = false });

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4_096, 2)]
    [InlineData(4_097, 3)]
    [InlineData(50_000, 8)]
    public void The_bytes_do_not_depend_on_the_number_of_threads(long rows, int threads)
    {
        FlightsOptions options = new() { Rows = rows, Seed = 7, Threads = threads };

        Assert.Equal(Bytes(options with { Threads = 1 }), Bytes(options));
    }

    [Fact]
    public void A_seed_makes_the_same_bytes_on_every_machine() =>
        Assert.Equal(
            "3130efb6b20298346348d633d5aeb82dee867905ed8c4bbe5e86c0a6827617c0",
            Convert.ToHexStringLower(SHA256.HashData(Bytes(new FlightsOptions { Rows = 10_000 }))));

    [Fact]
    public void Another_seed_makes_other_rows() =>
        Assert.NotEqual(Bytes(new FlightsOptions { Rows = 10, Seed = 1 }), Bytes(new FlightsOptions { Rows = 10, Seed = 2 }));

    [Fact]
    public void The_header_line_can_be_left_out()
    {
        byte[] with = Bytes(new FlightsOptions { Rows = 100 });
        byte[] without = Bytes(new FlightsOptions { Rows = 100, Header = false });

        Assert.Equal(FlightsGenerator.Columns + "\n" + Encoding.ASCII.GetString(without), Encoding.ASCII.GetString(with));
        Assert.Equal(29, FlightsGenerator.Columns.Split(',').Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(366)]
    [InlineData(5_000)]
    public void As_many_rows_come_as_were_asked_for(long rows) =>
        Assert.Equal(rows, Bytes(new FlightsOptions { Rows = rows, Header = false }).LongCount(b => b == '\n'));

    [Fact]
    public void Rows_take_about_98_bytes_like_those_published_for_2008() =>
        Assert.InRange(Bytes(new FlightsOptions { Rows = 30_000, Header = false }).Length / 30_000.0, 95, 101);

    [Fact]
    public void Every_row_has_29_fields() => Assert.All(s_rows, row => Assert.Equal(29, row.Length));

    [Fact]
    public void Dates_ascend_from_the_first_day_of_the_year_to_the_last()
    {
        DateOnly[] dates = [.. s_rows.Select(row => new DateOnly(Number(row[0]), Number(row[1]), Number(row[2])))];

        Assert.Equal(new DateOnly(2008, 1, 1), dates[0]);
        Assert.Equal(new DateOnly(2008, 12, 31), dates[^1]);
        Assert.Equal(dates.Order(), dates);
        Assert.Equal(366, dates.Distinct().Count());
        Assert.All(s_rows.Zip(dates), pair => Assert.Equal(((int)pair.Second.DayOfWeek + 6) % 7, Number(pair.First[3]) - 1));
    }

    [Fact]
    public void Times_are_hours_and_minutes_with_midnight_as_2400()
    {
        int[] times = [.. s_rows.SelectMany(row => new[] { row[DepTime], row[CrsDepTime], row[ArrTime], row[7] })
            .Where(text => text != "NA").Select(Number)];

        Assert.All(times, time => Assert.True(time is >= 1 and <= 2400 && time % 100 < 60));
    }

    [Fact]
    public void What_a_flown_flight_says_of_itself_agrees()
    {
        string[][] flown = [.. s_rows.Where(row => row[ArrDelay] != "NA")];

        Assert.All(flown, row =>
        {
            Assert.Equal(Number(row[ActualElapsed]), Number(row[AirTime]) + Number(row[TaxiIn]) + Number(row[TaxiOut]));
            Assert.Equal(Number(row[ArrDelay]), Number(row[DepDelay]) + Number(row[ActualElapsed]) - Number(row[CrsElapsed]));
            Assert.True(Number(row[AirTime]) > 0);
            Assert.Equal("0,,0", $"{row[Cancelled]},{row[CancellationCode]},{row[Diverted]}");
            int departed = (Minutes(row[CrsDepTime]) + Number(row[DepDelay]) + (2 * 1440)) % 1440;
            Assert.Equal(departed, Minutes(row[DepTime]) % 1440);
        });
    }

    [Fact]
    public void Causes_are_told_from_15_minutes_on_and_add_up_to_the_delay() =>
        Assert.All(s_rows, row =>
        {
            string[] causes = row[FirstCause..];
            if (row[ArrDelay] != "NA" && Number(row[ArrDelay]) >= 15)
            {
                Assert.Equal(Number(row[ArrDelay]), causes.Sum(Number));
                Assert.All(causes, cause => Assert.True(Number(cause) >= 0));
            }
            else
            {
                Assert.All(causes, cause => Assert.Equal("NA", cause));
            }
        });

    [Fact]
    public void Cancelled_and_diverted_flights_miss_what_did_not_happen()
    {
        string[][] cancelled = [.. s_rows.Where(row => row[Cancelled] == "1")];
        string[][] diverted = [.. s_rows.Where(row => row[Diverted] == "1")];

        Assert.InRange(cancelled.Length, s_rows.Length * 0.01, s_rows.Length * 0.03);
        Assert.InRange(diverted.Length, s_rows.Length * 0.0015, s_rows.Length * 0.0035);
        Assert.All(cancelled, row =>
        {
            Assert.Equal("NA NA NA NA", $"{row[DepTime]} {row[ArrTime]} {row[ArrDelay]} {row[DepDelay]}");
            Assert.Contains(row[CancellationCode], (string[])["A", "B", "C", "D"]);
        });
        Assert.All(diverted, row => Assert.Equal("NA NA", $"{row[ArrTime]} {row[ArrDelay]}"));
        Assert.Equal(s_rows.Count(row => row[ArrDelay] == "NA"), cancelled.Length + diverted.Length);
    }

    [Fact]
    public void Most_flights_are_on_time_and_a_few_are_very_late()
    {
        int[] delays = [.. s_rows.Where(row => row[ArrDelay] != "NA").Select(row => Number(row[ArrDelay])).Order()];

        Assert.InRange(delays.Average(), 4, 12);
        Assert.InRange(delays.Count(delay => delay > 0) / (double)delays.Length, 0.3, 0.5);
        Assert.InRange(delays[delays.Length / 2], -8, 2);
        Assert.InRange(delays[delays.Length * 99 / 100], 90, 240);
        Assert.True(delays[^1] > 400);
    }

    [Fact]
    public void A_flight_number_of_an_airline_has_one_route_and_one_planned_time() =>
        Assert.All(
            s_rows.GroupBy(row => (row[Carrier], row[FlightNumber])),
            flights => Assert.Single(flights.Select(row => (row[Origin], row[Destination], row[CrsDepTime])).Distinct()));

    [Fact]
    public void Every_airline_has_a_name_in_the_table_of_carriers()
    {
        using MemoryStream stream = new();
        FlightsGenerator.WriteCarriers(stream);
        string[] lines = Encoding.ASCII.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');

        Assert.Equal("code,name", lines[0]);
        Assert.Equal(s_rows.Select(row => row[Carrier]).Distinct().Order(StringComparer.Ordinal), lines[1..].Select(line => line[..2]));
    }

    [Theory]
    [InlineData("sample.csv")]
    [InlineData("carriers.csv")]
    public void The_examples_files_are_what_the_generator_makes(string name)
    {
        using MemoryStream stream = new();
        if (name == "carriers.csv")
        {
            FlightsGenerator.WriteCarriers(stream);
        }
        else
        {
            FlightsGenerator.Write(stream, new FlightsOptions { Rows = 2_000 }, TestContext.Current.CancellationToken);
        }

        Assert.Equal(File.ReadAllBytes(Path.Combine(RepositoryRoot(), "examples", "delayed-flights", name)), stream.ToArray());
    }

    [Fact]
    public void Cancelling_ends_it()
    {
        using CancellationTokenSource source = new();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => FlightsGenerator.Write(Stream.Null, new FlightsOptions { Rows = long.MaxValue / 512, Threads = 2 }, source.Token));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        FlightsOptions[] wrong = [new() { Rows = -1 }, new() { Threads = 0 }, new() { Year = 0 }, new() { Year = 10_000 }];

        Assert.All(wrong, options => Assert.Throws<ArgumentOutOfRangeException>(() => Bytes(options)));
    }

    private static byte[] Bytes(FlightsOptions options)
    {
        using MemoryStream stream = new();
        FlightsGenerator.Write(stream, options, CancellationToken.None);
        return stream.ToArray();
    }

    private static string[][] Rows(FlightsOptions options) =>
        [.. Encoding.ASCII.GetString(Bytes(options)).TrimEnd('\n').Split('\n').Select(line => line.Split(','))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int Minutes(string hhmm) => (Number(hhmm) / 100 * 60) + (Number(hhmm) % 100);

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Culvert.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }
}
