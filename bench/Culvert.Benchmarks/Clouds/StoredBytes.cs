using System.Globalization;
using Culvert.Storage;

namespace Culvert.Benchmarks.Clouds;

/// <summary>What units of several sizes take at all clouds together, with every record: at most 2.05 times the data from 1 MB up.</summary>
internal sealed class StoredBytes : IScenario
{
    private static readonly (string Name, double Megabytes)[] s_sizes = [("10 MB", 10), ("1 MB", 1), ("0.1 MB", 0.1)];

    public string Name => "storage-bytes";

    public string Title => "units of 10, 1 and 0.1 MB put at four clouds in memory, f = 1, keys shared";

    public string Against => s_sizes[0].Name;

    public PreparedScenario Prepare(BenchmarkOptions options) =>
        new([.. s_sizes.Select(size => Sized(size.Name, size.Megabytes))], s_sizes[0].Megabytes, "MB");

    private static Contender Sized(string name, double megabytes)
    {
        long bytes = (long)(megabytes * 1e6);
        BenchCloud[] clouds = BenchStore.Clouds(keepsBlocks: false, 0, 0, 0, 0);
        Store store = BenchStore.Make(clouds, new StoreOptions());
        int units = 0;
        long stored = 0;
        return new Contender(name, ContenderRole.Culvert, () =>
        {
            long before = clouds.Sum(cloud => cloud.StoredBytes);
            BenchStore.Put(store, string.Create(CultureInfo.InvariantCulture, $"unit-{units++}"), bytes);
            store.FlushAsync().GetAwaiter().GetResult();
            stored = clouds.Sum(cloud => cloud.StoredBytes) - before;
            return "done";
        })
        {
            Share = megabytes / s_sizes[0].Megabytes,
            Figures = () => [new Figure("stored", (double)stored / bytes, "times the data")],
        };
    }
}
