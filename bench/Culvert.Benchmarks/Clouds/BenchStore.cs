using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Storage;

namespace Culvert.Benchmarks.Clouds;

/// <summary>A store over four clouds.</summary>
internal static class BenchStore
{
    /// <summary>Four clouds in memory with these delays.</summary>
    internal static BenchCloud[] Clouds(bool keepsBlocks, params int[] delaysMs) =>
        [.. delaysMs.Select((delay, i) => new BenchCloud($"cloud-{i}", MachineClock.Instance, TimeSpan.FromMilliseconds(delay), keepsBlocks))];

    /// <summary>Makes a store on clouds that have none.</summary>
    internal static Store Make(IReadOnlyList<ICloud> clouds, StoreOptions options)
    {
        // Not disposed: the store uses the keys for as long as the benchmark runs.
        using Secret owner = Secret.Random(MachineEntropy.Instance);
        StoreSetup setup = new()
        {
            Clouds = clouds,
            Keys = StoreKeys.OfOwner(owner),
            State = new BenchState(),
            Clock = MachineClock.Instance,
            Entropy = MachineEntropy.Instance,
            Options = options,
        };
        Store store = ValueOf(Store.CreateAsync(setup, [.. clouds.Select(cloud => new CloudPlace(cloud.Name, "memory"))], [], [], CancellationToken.None));
        store.FlushAsync().GetAwaiter().GetResult();
        return store;
    }

    /// <summary>Puts so many bytes.</summary>
    internal static void Put(Store store, string unit, long bytes)
    {
        using EndlessNoise content = new(bytes);
        ValueOf(store.PutAsync(unit, content, new PutOptions { Keep = 1 }, CancellationToken.None));
    }

    /// <summary>What an operation gave; a failure ends the benchmark.</summary>
    internal static T ValueOf<T>(ValueTask<Outcome<T>> task)
    {
        Outcome<T> outcome = task.AsTask().GetAwaiter().GetResult();
        return outcome.Succeeded ? outcome.Value : throw new InvalidOperationException(outcome.Failure.Message);
    }
}
