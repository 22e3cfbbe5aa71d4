using System.Globalization;
using System.Text;

namespace Culvert.Cli.Tests.Protection;

/// <summary>Protection changes who may see data, and no result.</summary>
public sealed class SameResultTests : SealedWorkFolder
{
    private const string Sales = """
        job: sales
        source:
          csv: sales.csv
          missing: [NA, ""]
          types: { time: datetime, shop: 'text?', item: text, pieces: 'int32?', price: decimal, weight: float64 }
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Delayed_flights(bool isSealed)
    {
        Succeeds("generate", "flights", "--rows", "5000", "-o", "flights.csv");

        string json = SameEverywhere(Flights, "flights.csv", isSealed);

        Assert.StartsWith("{\"job\":\"delayed-flights\",\"rows\":5000,\"seconds\":0,\"result\":[{\"carrier\":\"9E\",\"delayed\":", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Delayed_flights_in_lua()
    {
        string job = Path.Combine(Repository, "examples", "delayed-flights", "lua", "job.yaml");
        string sample = Path.Combine(Repository, "examples", "delayed-flights", "sample.csv");

        string json = SameEverywhere(job, sample, isSealed: false);

        Assert.Contains("{\"carrier\":\"AA\",\"delayed\":77,\"total\":2436,\"average\":31.636363636363637}", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Windows_by_event_time_with_missing_keys_decimals_and_floats(bool isSealed)
    {
        MakeSales();
        Write("job.yaml", $$"""
            {{Sales}}
            stages:
              - event time: time
                disorder: 2s
              - group by: shop
                window: { sliding: 60s, by: 30s }
                aggregate:
                  sales: count()
                  pieces: sum(pieces)
                  least: min(price)
                  revenue: sum(price)
                  weight: avg(weight)
            """);

        string json = SameEverywhere("job.yaml", "sales.csv", isSealed);

        Assert.Contains("\"shop\":null", json, StringComparison.Ordinal);
        Assert.Contains("\"shop\":\"Zürich\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lookup_and_a_fold_in_lua(bool isSealed)
    {
        MakeSales();
        Write("items.csv", "item,colour\napple,red\npear,green\n");
        Write("reduce.lua", """
            initial = { n = 0, last = "" }
            function reduce(a, e)
              a.n = a.n * 3 % 1000003 + (e.pieces or 7)
              a.last = e.colour or "none"
              return a
            end
            function finish(a) return { n = a.n, last = a.last } end
            """);
        Write("job.yaml", $$"""
            {{Sales}}
            stages:
              - lookup: { table: items.csv, key: item, on: item, add: [colour] }
              - where: weight < 90
              - lua: { reduce: reduce.lua, by: item, returns: { n: int64, last: text } }
            """);

        string json = SameEverywhere("job.yaml", "sales.csv", isSealed);

        Assert.Contains("\"last\":\"green\"", json, StringComparison.Ordinal);
        Assert.Contains("\"last\":\"none\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_protection_that_a_job_file_gives_to_one_stage_alone()
    {
        MakeSales();
        string Job(string protection) => $$"""
            {{Sales}}
            stages:
              - where: weight < 90
              - name: by-item
                group by: item
                aggregate: { n: count(), pieces: sum(pieces) }
                {{protection}}
              - select: { item: item, n: n, each: pieces / n }
            """;
        Write("open.yaml", Job(""));
        Write("job.yaml", Job("protection: enclave"));

        string open = RunJson("open.yaml");

        Assert.Contains("\"item\":\"apple\"", open, StringComparison.Ordinal);
        Assert.Equal(open, RunJson("job.yaml"));
        Assert.Equal(open, RunJson("job.yaml", "--protection", "sealed"));
    }

    /// <summary>Runs a job in the open and protected, with 1 to 3 workers, over plain or sealed input; gives the result that all have.</summary>
    private string SameEverywhere(string job, string csv, bool isSealed)
    {
        string input = isSealed ? "in.sealed" : csv;
        if (isSealed)
        {
            Seal(csv, input, job);
        }

        string open = RunJson(job, "--input", input, "--protection", "open");
        foreach (string protection in (string[])["sealed", "enclave"])
        {
            string[] options = ["--input", input, "--protection", protection];
            foreach (string workers in (string[])["1", "3"])
            {
                Assert.Equal(open, RunJson(job, [.. options, "--workers", workers]));
            }

            Succeeds(["run", job, "--key", "owner.key", .. options, "--workers", "2", "-o", $"{protection}.sealed"]);
            Assert.Equal(open, WithoutSeconds(Succeeds("open", $"{protection}.sealed", "--key", "owner.key", "--format", "json").Out));
        }

        return open;
    }

    private void MakeSales()
    {
        string[] shops = ["NA", "Zürich", "北京", "Porto", "\"a very long name of a shop, with a comma\""];
        string[] items = ["apple", "pear", "plum"];
        DateTime start = new(2020, 2, 29, 23, 58, 0, DateTimeKind.Utc);
        StringBuilder csv = new("time,shop,item,pieces,price,weight\n");
        for (int i = 0; i < 600; i++)
        {
            // Up to two seconds out of order, and a few that are late.
            DateTime time = start.AddMilliseconds((i * 500) + (i * 7919 % 2000)).AddSeconds(i % 97 == 96 ? -120 : 0);
            string pieces = i % 11 == 0 ? "NA" : (i * 31 % 17).ToString(CultureInfo.InvariantCulture);
            csv.AppendFormat(CultureInfo.InvariantCulture, "{0:yyyy-MM-ddTHH:mm:ss.fff},{1},{2},{3},{4}.{5:00},{6:R}\n",
                time, shops[i * 13 % shops.Length], items[i % items.Length], pieces, i % 50, i % 100, Math.Sqrt(i) * 7.1);
        }

        Write("sales.csv", csv.ToString());
    }
}
