using System.Globalization;
using Culvert.Benchmarks.Processes;
using Culvert.Enclaves;
using Culvert.Storage;

namespace Culvert.Benchmarks.Clouds;

/// <summary>
/// The most memory that one large unit takes on its way to four folders and back, in a process of its own: under 128 MB, whatever
/// the length. The folders take twice the unit's length of disk while it runs.
/// </summary>
internal sealed class StorageMemory : IScenario
{
    /// <summary>The hidden command that puts and gets a unit of so many KiB.</summary>
    internal const string Command = "storage-unit";

    private const string Whole = "whole";

    /// <summary>1 GiB; the goal says 10 GB: <c>--rows 10485760</c>.</summary>
    private const long Kibibytes = 1 << 20;

    public string Name => "storage-memory";

    public string Title => "peak memory of a unit put at four folders and read again, and of one of a tenth; each in a process of its own";

    public string Against => Whole;

    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        long kibibytes = options.Rows ?? Kibibytes;
        return new PreparedScenario([Watched(Whole, kibibytes, 1), Watched("a tenth", Math.Max(1, kibibytes / 10), 0.1)], kibibytes * 1024 / 1e9, "GB") { IsLong = true };
    }

    /// <summary>Does what <see cref="Command"/> asks for; tells how many bytes came back.</summary>
    internal static long PutAndGet(long kibibytes)
    {
        string folder = Directory.CreateTempSubdirectory("culvert-bench-").FullName;
        try
        {
            ICloud[] clouds = [.. Enumerable.Range(0, 4).Select(i => new FolderCloud(
                string.Create(CultureInfo.InvariantCulture, $"cloud-{i}"), Path.Combine(folder, i.ToString(CultureInfo.InvariantCulture)), MachineClock.Instance, MachineEntropy.Instance))];
            Store store = BenchStore.Make(clouds, new StoreOptions());
            BenchStore.Put(store, "unit", kibibytes * 1024);
            store.FlushAsync().GetAwaiter().GetResult();
            return BenchStore.ValueOf(store.GetAsync("unit", Stream.Null, null, CancellationToken.None)).Bytes;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Contender Watched(string name, long kibibytes, double share)
    {
        double peak = 0;
        string count = kibibytes.ToString(CultureInfo.InvariantCulture);
        return new Contender(name, ContenderRole.Culvert, () =>
        {
            // As ./culvert starts what works with a store; children inherit it, and this process has read its own settings long ago.
            Environment.SetEnvironmentVariable("DOTNET_GCConserveMemory", "7");
            (string output, peak) = ChildProcess.Run(Path.ChangeExtension(typeof(StorageMemory).Assembly.Location, null), Command, count);
            return output;
        })
        {
            Share = share,
            Expected = (kibibytes * 1024).ToString(CultureInfo.InvariantCulture),
            Figures = () => [new Figure("peak memory", peak, "MB")],
        };
    }
}
