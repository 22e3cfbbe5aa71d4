using Culvert.Attestation;
using Culvert.Attestation.Tests.Release;
using Culvert.Sealing;

namespace Culvert.KeyBroker.Tests.Store;

public sealed class BrokerStoreTests : IDisposable
{
    private static readonly UInt128 s_lineage = 77;

    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-store-").FullName;
    private readonly Secret _owner = Secret.Random(SystemEntropy.Instance);
    private readonly List<string> _said = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_folder, BrokerStore.FileName);

    [Fact]
    public async Task What_was_added_is_there_after_a_restart()
    {
        await AddAsync(Taken(1), Released(1, 0, 1), Released(1, 1), Taken(2), Released(2, 0), Released(1, 0));

        await using BrokerStore store = Opened();

        LineageTotals totals = store.Read().Of(s_lineage)!;
        Assert.Equal((2, 3L), (totals.Version, totals.Releases));
        Assert.Equal([(new StageId(0), 1)], totals.Activations.Select(count => (count.Key, count.Value)));
        Assert.Contains("a new store", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_was_cut_anywhere_is_repaired_and_none_before_it_is_lost()
    {
        await AddAsync(Taken(1), Released(1, 0));
        long whole = new FileInfo(Log).Length;
        await AddAsync(Released(1, 0, 1, 2));
        byte[] bytes = await File.ReadAllBytesAsync(Log, Cancellation);

        for (long length = whole; length < bytes.Length; length += 7)
        {
            await File.WriteAllBytesAsync(Log, bytes[..(int)length], Cancellation);
            _said.Clear();
            await using (BrokerStore store = Opened())
            {
                Assert.Equal(1, store.Read().Activations(s_lineage, 1, new StageId(0)));
                Assert.Null(await store.AppendAsync(Released(1, 0), Cancellation));
            }

            Assert.Equal(length == whole ? 0 : 1, _said.Count(line => line.Contains("cut off", StringComparison.Ordinal)));
            await using BrokerStore again = Opened();
            Assert.Equal(2, again.Read().Activations(s_lineage, 1, new StageId(0)));
        }
    }

    [Fact]
    public async Task Zeros_that_a_crash_of_the_machine_left_behind_are_cut_off()
    {
        await AddAsync(Taken(1), Released(1, 0));
        await using (FileStream file = new(Log, FileMode.Append))
        {
            await file.WriteAsync(new byte[100_000], Cancellation);
        }

        await using BrokerStore store = Opened();

        Assert.Equal(1, store.Read().Activations(s_lineage, 1, new StageId(0)));
        Assert.Contains(_said, line => line.Contains("cut off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_altered_byte_is_refused_with_its_place()
    {
        await AddAsync(Taken(1), Released(1, 0), Released(1, 1));
        byte[] bytes = await File.ReadAllBytesAsync(Log, Cancellation);
        for (int i = 0; i < bytes.Length; i += 3)
        {
            byte[] altered = [.. bytes];
            altered[i] ^= 0x40;
            await File.WriteAllBytesAsync(Log, altered, Cancellation);

            Outcome<BrokerStore> store = Open();

            Assert.False(store.Succeeded, $"byte {i}");
            Assert.Contains("byte ", store.Failure.Message, StringComparison.Ordinal);
            Assert.Equal(altered, await File.ReadAllBytesAsync(Log, Cancellation));
        }
    }

    [Fact]
    public async Task Records_that_were_removed_doubled_or_swapped_in_the_middle_are_refused()
    {
        long[] ends = new long[5];
        ReleaseRecord[] records = [Taken(1), Released(1, 0), Released(1, 1), Released(1, 0), Released(1, 1)];
        for (int i = 0; i < records.Length; i++)
        {
            await AddAsync(records[i]);
            ends[i] = new FileInfo(Log).Length;
        }

        byte[] bytes = await File.ReadAllBytesAsync(Log, Cancellation);
        byte[] Record(int i) => bytes[(int)ends[i - 1]..(int)ends[i]];
        byte[] head = bytes[..(int)ends[0]];

        Assert.All(
            new byte[][]
            {
                [.. head, .. Record(2), .. Record(3), .. Record(4)],
                [.. head, .. Record(1), .. Record(1), .. Record(2), .. Record(3)],
                [.. head, .. Record(3), .. Record(2), .. Record(1), .. Record(4)],
                bytes[..100],
                [],
            },
            flaw =>
            {
                File.WriteAllBytes(Log, flaw);
                Assert.False(Open().Succeeded);
            });
    }

    [Fact]
    public async Task Another_owners_store_and_one_that_is_in_use_are_refused()
    {
        await AddAsync(Taken(1));
        using Secret other = Secret.Random(SystemEntropy.Instance);

        Assert.Contains("is of the key", BrokerStore.Open(_folder, other, SystemEntropy.Instance, _said.Add).Failure?.Message, StringComparison.Ordinal);
        await using BrokerStore store = Opened();
        Assert.Contains("another broker uses it", Open().Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_stays_short_and_keeps_its_counts()
    {
        const int Count = 2_000;
        Outcome<BrokerStore> opened = BrokerStore.Open(_folder, _owner, SystemEntropy.Instance, _said.Add, compactBytes: 16 << 10);
        await using (BrokerStore store = PlayOwner.Value(opened))
        {
            Assert.Null(await store.AppendAsync(Taken(1), Cancellation));
            Failure?[] failures = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => store.AppendAsync(Released(1, i % 3), Cancellation).AsTask()));
            Assert.All(failures, Assert.Null);

            // What waited together was written together: the file has been cut short since.
            for (int i = 0; i < 200; i++)
            {
                Assert.Null(await store.AppendAsync(Released(1, 3), Cancellation));
            }
        }

        Assert.InRange(new FileInfo(Log).Length, 1, 64 << 10);
        await using BrokerStore again = Opened();
        LineageTotals totals = again.Read().Of(s_lineage)!;
        Assert.Equal([667, 667, 666, 200], totals.Activations.Values);
        Assert.Equal(Count + 200, totals.Releases);
    }

    [Fact]
    public async Task What_a_compaction_left_behind_that_did_not_end_is_removed()
    {
        await AddAsync(Taken(1), Released(1, 0));
        await File.WriteAllTextAsync(Log + ".next", "half a file", Cancellation);

        await using BrokerStore store = Opened();

        Assert.Equal(1, store.Read().Activations(s_lineage, 1, new StageId(0)));
        Assert.False(File.Exists(Log + ".next"));
    }

    [Fact]
    public async Task Nothing_that_was_counted_can_be_read_without_the_owners_secret()
    {
        KeysReleased record = Released(1, 0);
        await AddAsync(Taken(1), record);
        byte[] bytes = await File.ReadAllBytesAsync(Log, Cancellation);

        Assert.Equal(-1, bytes.AsSpan().IndexOf(record.NonceDigest.AsSpan()));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Log));
        }
    }

    public void Dispose()
    {
        _owner.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal static ManifestTaken Taken(int version) => new()
    {
        At = DateTimeOffset.UnixEpoch,
        Lineage = s_lineage,
        Version = version,
        Digest = [.. Enumerable.Repeat((byte)version, 32)],
    };

    internal static KeysReleased Released(int version, params int[] stages) => new()
    {
        At = DateTimeOffset.UnixEpoch,
        Lineage = s_lineage,
        Version = version,
        Stages = [.. stages.Select(stage => new StageId(stage))],
        Run = new RunId(1),
        NonceDigest = [.. Enumerable.Repeat((byte)0xC7, 32)],
    };

    private Outcome<BrokerStore> Open() => BrokerStore.Open(_folder, _owner, SystemEntropy.Instance, _said.Add);

    private BrokerStore Opened() => PlayOwner.Value(Open());

    private async Task AddAsync(params ReleaseRecord[] records)
    {
        await using BrokerStore store = Opened();
        foreach (ReleaseRecord record in records)
        {
            Assert.Null(await store.AppendAsync(record, Cancellation));
        }
    }
}
