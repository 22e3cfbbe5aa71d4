using System.Collections.Concurrent;

namespace Culvert.Storage;

/// <summary>A store as one configuration has it: its clouds by slot, and what reads its records. Immutable; thread safe.</summary>
internal sealed class StoreView
{
    // Signatures that were verified once are not verified again, as long as there are few.
    private const int VerifiedMax = 512;

    private readonly ConcurrentDictionary<ContentDigest, UnitMetadata> _verified = new();

    internal StoreView(StoreConfiguration configuration, ConcurrentDictionary<string, CloudMeter> meters, StoreSetup setup, BlockBuffers buffers)
    {
        Configuration = configuration;
        Shell = new CoreShell(
            [.. configuration.Clouds.Select(place => setup.Clouds.FirstOrDefault(cloud => cloud.Name == place.Name) ?? new MissingCloud(place))],
            [.. configuration.Clouds.Select(place => meters.GetOrAdd(place.Name, _ => new CloudMeter()))],
            setup.Clock,
            setup.Options.Continuations,
            buffers);
    }

    internal StoreConfiguration Configuration { get; }

    internal CoreShell Shell { get; }

    internal Quorum Quorum => Configuration.Quorum;

    internal string NameOf(int slot) => Configuration.Clouds[slot].Name;

    internal Outcome<UnitMetadata> ReadRecord(ReadOnlyMemory<byte> bytes)
    {
        ContentDigest digest = ContentDigest.Of(bytes.Span);
        if (_verified.TryGetValue(digest, out UnitMetadata? known))
        {
            return known;
        }

        Outcome<UnitMetadata> record = UnitMetadata.TryRead(bytes, Configuration.Store, Configuration.SignerOf);
        if (record.Succeeded)
        {
            if (_verified.Count >= VerifiedMax)
            {
                _verified.Clear();
            }

            _verified[digest] = record.Value;
        }

        return record;
    }

    internal Outcome<Lease> ReadLease(ReadOnlyMemory<byte> bytes) => Lease.TryRead(bytes, Configuration.Store, Configuration.SignerOf);

    /// <summary>Slots in the order in which they are asked for k blocks.</summary>
    internal IReadOnlyList<int> OrderFor(int k, StoreOptions options)
    {
        double Latency(int slot) => Shell.Meters[slot].LatencyMs ?? 0; // not known: tried soon
        double Cost(int slot) => options.ReadCosts.GetValueOrDefault(NameOf(slot));
        int[] fastest = [.. Enumerable.Range(0, Quorum.Clouds).OrderBy(Latency).ThenBy(slot => slot)];
        switch (options.Order)
        {
            case ReadOrder.Fastest:
                return fastest;
            case ReadOrder.Cheapest:
                return [.. fastest.OrderBy(Cost)];
            default:
                double slowest = 2 * Latency(fastest[Math.Min(k, fastest.Length) - 1]);
                return [.. fastest.OrderBy(slot => Latency(slot) > slowest).ThenBy(Cost)];
        }
    }
}
