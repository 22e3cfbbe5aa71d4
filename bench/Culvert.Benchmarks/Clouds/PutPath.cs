using System.Globalization;
using System.Security.Cryptography;
using Culvert.Storage;

namespace Culvert.Benchmarks.Clouds;

/// <summary>
/// A large unit put at four clouds that take everything at once, against what has to be computed for it: AES-256-GCM over the data,
/// the erasure code (k = 2, n = 4), and SHA-256 over the four blocks, which are twice the data; one after the other for each chunk.
/// </summary>
internal sealed class PutPath : IScenario
{
    private const string Predicted = "AES, code, SHA";
    private const int ChunkBytes = UnitLimits.ChunkBytesDefault;
    private const int TagBytes = 16;
    private const int Blocks = 4;

    /// <summary>512 MiB: half a second or more.</summary>
    private const long Kibibytes = 512 << 10;

    public string Name => "storage-put";

    public string Title => "one unit in chunks of 4 MiB to four clouds in memory, f = 1, keys shared";

    public string Against => Predicted;

    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        long bytes = (options.Rows ?? Kibibytes) * 1024;
        BenchCloud[] clouds = BenchStore.Clouds(keepsBlocks: false, 0, 0, 0, 0);
        Store store = BenchStore.Make(clouds, new StoreOptions());
        int units = 0;
        long stored = 0;
        Contender culvert = new("Culvert", ContenderRole.Culvert, () =>
        {
            long before = clouds.Sum(cloud => cloud.StoredBytes);
            BenchStore.Put(store, string.Create(CultureInfo.InvariantCulture, $"unit-{units++}"), bytes);
            store.FlushAsync().GetAwaiter().GetResult();
            stored = clouds.Sum(cloud => cloud.StoredBytes) - before;
            return "done";
        })
        {
            Figures = () => [new Figure("stored", (double)stored / bytes, "times the data")],
        };
        return new PreparedScenario(
            [
                culvert, Computed(Predicted, bytes, seals: true, codes: true, hashes: true), Computed("AES-256-GCM alone", bytes, seals: true),
                Computed("code alone", bytes, codes: true), Computed("SHA-256 alone", bytes, hashes: true),
            ],
            bytes / 1e9,
            "GB");
    }

    private static Contender Computed(string name, long bytes, bool seals = false, bool codes = false, bool hashes = false)
    {
        ErasureCode code = new(2, Blocks);
        byte[] plain = new byte[ChunkBytes];
        byte[] stripe = new byte[code.StripeBytes(ChunkBytes + TagBytes)];
        int blockBytes = code.BlockBytes(ChunkBytes + TagBytes);
        byte[] nonce = new byte[12];
        byte[] digest = new byte[32];
        AesGcm cipher = new(RandomNumberGenerator.GetBytes(32), TagBytes);
        return new Contender(name, ContenderRole.Limit, () =>
        {
            for (long done = 0; done < bytes; done += ChunkBytes)
            {
                int count = (int)Math.Min(ChunkBytes, bytes - done);
                if (seals)
                {
                    // The nonce says the chunk, as in a unit.
                    BitConverter.TryWriteBytes(nonce, done);
                    cipher.Encrypt(nonce, plain.AsSpan(0, count), stripe.AsSpan(0, count), stripe.AsSpan(count, TagBytes));
                }

                int length = count == ChunkBytes ? blockBytes : code.BlockBytes(count + TagBytes);
                if (codes)
                {
                    code.AddParity(stripe.AsSpan(0, length * Blocks));
                }

                for (int slot = 0; hashes && slot < Blocks; slot++)
                {
                    SHA256.HashData(stripe.AsSpan(slot * length, length), digest);
                }
            }

            return "done";
        });
    }
}
