using System.Globalization;
using System.Text;

namespace Culvert.Cli.Tests.Protection;

public sealed class StatePagingTests : SealedWorkFolder
{
    /// <summary>Text keys of 100 bytes and more: their state is many times the budget.</summary>
    private const int Keys = 40_000;

    [Fact]
    public void State_beyond_the_budget_gives_the_same_result()
    {
        StringBuilder csv = new("key,value\n");
        string padding = new('k', 100);
        for (int i = 0; i < 2 * Keys; i++)
        {
            // Every key comes twice, far apart.
            csv.Append(CultureInfo.InvariantCulture, $"{padding}{i * 7919L % Keys},{i}\n");
        }

        Write("in.csv", csv.ToString());
        Write("job.yaml", """
            job: keys
            source: { csv: in.csv, types: { key: text, value: int64 } }
            stages:
              - group by: key
                aggregate: { n: count(), total: sum(value), greatest: max(value) }
              - where: n != 2 or greatest % 1000 == 7
            """);
        Seal("in.csv", "in.sealed", "job.yaml");

        string all = RunJson("job.yaml", "--input", "in.sealed", "--protection", "enclave", "--workers", "1");
        string paged = RunJson("job.yaml", "--input", "in.sealed", "--protection", "enclave", "--workers", "1", "--epc", "1MB");

        Assert.Contains("\"n\":2", all, StringComparison.Ordinal);
        Assert.Equal(all, paged);
    }
}
