using Culvert.Attestation.Tests.Release;
using Culvert.Sealing;

namespace Culvert.KeyBroker.Tests.Store;

/// <summary>The process that <see cref="StoreKillTests"/> kills: adds records to a store, and says a line for each that is written.</summary>
internal static class StoreWriter
{
    internal const string Argument = "write-to-store";

    /// <summary>Records that wait at a time; a kill may leave so many written that nobody was told of.</summary>
    internal const int Writers = 4;

    internal static async Task<int> RunAsync(string folder)
    {
        using Secret owner = OwnerOf();
        await using BrokerStore store = BrokerStore.Open(folder, owner, SystemEntropy.Instance, _ => { }, compactBytes: 8 << 10).Value;
        Lock saying = new();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (await store.AppendAsync(BrokerStoreTests.Released(1, 0), CancellationToken.None) is null)
            {
                lock (saying)
                {
                    Console.Out.WriteLine("written");
                    Console.Out.Flush();
                }
            }
        })));
        return 3;
    }

    internal static Secret OwnerOf() => Secret.CopyOf(Enumerable.Repeat((byte)0x0F, Secret.KeyBytes).ToArray());
}
