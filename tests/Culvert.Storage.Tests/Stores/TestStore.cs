using System.Text;
using Culvert.Kits;
using Culvert.Sealing;

namespace Culvert.Storage.Tests;

/// <summary>Clouds in memory, an owner, and clients of the owner's store on them.</summary>
internal sealed class TestStore : IDisposable
{
    private readonly Secret _owner = Secret.CopyOf([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
    private ulong _clients;

    internal TestStore(int clouds = 4)
    {
        Clouds = [.. Enumerable.Range(0, clouds).Select(i => new TestCloud($"{(char)('a' + i)}"))];
        Keys = StoreKeys.OfOwner(_owner);
    }

    internal List<TestCloud> Clouds { get; }

    internal StoreKeys Keys { get; }

    internal TestClock Clock { get; } = new();

    /// <summary>All goes on on the thread of the test, as far as its clouds answer on it; default true.</summary>
    internal bool IsOfOneThread { get; init; } = true;

    internal StoreOptions Options { get; init; } = new() { ChunkBytes = 64 };

    internal static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A new client with a folder of its own; or with one that it is given.</summary>
    internal StoreSetup Setup(IBlobs? state = null, StoreKeys? keys = null, IClock? clock = null) => new()
    {
        Clouds = Clouds,
        Keys = keys ?? Keys,
        State = state ?? new MemoryBlobs(),
        Clock = clock ?? Clock,
        Entropy = new DiceEntropy(1000 + ++_clients),
        Options = Options with { GoesOnInline = IsOfOneThread },
    };

    internal async Task<Store> CreateAsync(IBlobs? state = null, IReadOnlyList<HpkePublicKey>? readers = null, IReadOnlyList<VerifyingKey>? writers = null)
    {
        Outcome<Store> store = await Store.CreateAsync(Setup(state), [.. Clouds.Select(c => new CloudPlace(c.Name, $"memory:{c.Name}"))], writers ?? [], readers ?? [], Cancel);
        Assert.True(store.Succeeded, store.Failure?.Message);
        await store.Value.FlushAsync();
        return store.Value;
    }

    internal async Task<Store> OpenAsync(IBlobs? state = null, StoreKeys? keys = null, IClock? clock = null)
    {
        Outcome<Store> store = await Store.OpenAsync(Setup(state, keys, clock), Cancel);
        Assert.True(store.Succeeded, store.Failure?.Message);
        return store.Value;
    }

    internal static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    internal static byte[] Bytes(int length, int seed = 7) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 131) + (i >> 8) + seed))];

    internal static async Task<PutReceipt> PutAsync(Store store, string unit, byte[] content, PutOptions? options = null)
    {
        Outcome<PutReceipt> put = await store.PutAsync(unit, new MemoryStream(content), options, Cancel);
        Assert.True(put.Succeeded, put.Failure?.Message);
        return put.Value;
    }

    internal static async Task<byte[]> GetAsync(Store store, string unit, long? version = null)
    {
        MemoryStream content = new();
        Outcome<UnitVersion> got = await store.GetAsync(unit, content, version, Cancel);
        Assert.True(got.Succeeded, got.Failure?.Message);
        Assert.Equal(content.Length, got.Value.Bytes);
        return content.ToArray();
    }

    internal static async Task<Failure> FailGetAsync(Store store, string unit, long? version = null)
    {
        MemoryStream content = new();
        Outcome<UnitVersion> got = await store.GetAsync(unit, content, version, Cancel);
        Assert.False(got.Succeeded);
        return got.Failure;
    }

    public void Dispose()
    {
        Keys.Dispose();
        _owner.Dispose();
    }

    private sealed class DiceEntropy(ulong seed) : IEntropy
    {
        private readonly Lock _lock = new();
        private readonly Simulation.Dice _dice = new(seed);

        public void Fill(Span<byte> destination)
        {
            lock (_lock)
            {
                _dice.Fill(destination);
            }
        }
    }
}
