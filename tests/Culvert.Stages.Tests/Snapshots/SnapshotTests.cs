using System.Buffers.Binary;
using System.Text;
using Culvert.Kits;

namespace Culvert.Stages.Tests;

public sealed class SnapshotTests
{
    private static readonly PlanDigest Plan = new(1, 2);
    private static readonly RunId Run = new(77);
    private static readonly Producer First = new(new StageId(0), new PartitionId(0));
    private static readonly Producer Second = new(new StageId(3), new PartitionId(1));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_snapshot_is_restored_with_its_meta_bytes()
    {
        MemoryBlobs blobs = new();
        using StateTable sums = Sums(10_000, 1);
        using StateTable texts = Texts(3_000);
        using StateTable empty = new(8, 8);
        SnapshotWriter writer = new(blobs, Run, Plan);
        await Snapshot(writer, 4, ("sums", sums), ("texts", texts), ("empty", empty));

        RunSnapshot restored = await Open(blobs);
        Assert.Equal(Run, restored.Run);
        Assert.Equal(new Round(4), restored.Round);
        Assert.Equal("run 4", Encoding.ASCII.GetString(restored.Meta.Span));
        Assert.Equal([First, Second], restored.Partitions.Select(partition => partition.Producer));
        RestoredPartition partition = restored.Partitions[0];
        Assert.Equal("meta 4", Encoding.ASCII.GetString(partition.Meta.Span));
        Assert.Equal(["sums", "texts", "empty"], partition.Tables.Select(table => table.Name));
        AssertSame(sums, partition.Tables[0].Table);
        AssertSame(texts, partition.Tables[1].Table);
        Assert.Equal(0, partition.Tables[2].Table.Count);
        Assert.Empty(restored.Partitions[1].Tables);
        Dispose(restored);
    }

    [Fact]
    public async Task A_second_snapshot_writes_the_changed_pages_only_also_after_resuming()
    {
        MemoryBlobs blobs = new();
        using StateTable table = Sums(200_000, 1);
        SnapshotWriter writer = new(blobs, Run, Plan);
        PartitionSnapshot full = await Snapshot(writer, 0, ("sums", table));
        Touch(table, 5);
        PartitionSnapshot second = await Snapshot(writer, 1, ("sums", table));
        Assert.InRange(second.PagesWritten, 1, 5);
        Assert.InRange(second.WrittenBytes, 1, full.WrittenBytes / 10);

        RunSnapshot restored = await Open(blobs);
        StateTable resumed = restored.Partitions[0].Tables[0].Table;
        AssertSame(table, resumed);
        SnapshotWriter next = new(blobs, Run, Plan, restored);
        PartitionSnapshot nothing = await Snapshot(next, 2, ("sums", resumed));
        Assert.Equal(0, nothing.PagesWritten);
        Touch(resumed, 3);
        PartitionSnapshot third = await Snapshot(next, 3, ("sums", resumed));
        // The three, and what else lives in the segment of five that they leave mostly dead.
        Assert.InRange(third.PagesWritten, 1, 5);

        RunSnapshot again = await Open(blobs);
        AssertSame(resumed, again.Partitions[0].Tables[0].Table);
        Dispose(restored);
        Dispose(again);
    }

    [Fact]
    public async Task Only_the_last_two_snapshots_stay_and_what_is_stored_stays_below_three_times_what_lives()
    {
        MemoryBlobs blobs = new();
        blobs["segments/s00000009-p00000000-r0000000000000000-00000000"] = [1, 2, 3];
        using StateTable table = Sums(50_000, 1);
        SnapshotWriter writer = new(blobs, Run, Plan);
        PartitionSnapshot full = await Snapshot(writer, 0, ("sums", table));
        Assert.False(blobs.Content.ContainsKey("segments/s00000009-p00000000-r0000000000000000-00000000"));
        Random random = new(5);
        for (int round = 1; round < 120; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                Add(table, (ulong)random.Next(50_000), 1);
            }

            await Snapshot(writer, round, ("sums", table));
            Assert.InRange(blobs.Bytes, full.WrittenBytes, full.WrittenBytes * 3);
        }

        Assert.Equal(
            ["manifests/r0000000000000076", "manifests/r0000000000000077"],
            await blobs.ListAsync("manifests/", Cancel));
        Assert.Equal(4, (await blobs.ListAsync("partitions/", Cancel)).Count);
        RunSnapshot restored = await Open(blobs);
        AssertSame(table, restored.Partitions[0].Tables[0].Table);
        Dispose(restored);
        await SnapshotWriter.ClearAsync(blobs, Cancel);
        Assert.Empty(blobs.Content);
    }

    [Fact]
    public async Task Segments_that_one_snapshot_refers_to_stay_few()
    {
        MemoryBlobs blobs = new();
        using StateTable table = Sums(500_000, 1);
        SnapshotWriter writer = new(blobs, Run, Plan);
        List<ulong> numbers = [];
        foreach (StateEntry entry in table)
        {
            numbers.Add(BinaryPrimitives.ReadUInt64LittleEndian(entry.Key));
        }

        int most = 0;
        int rounds = (SnapshotFormat.SegmentsMax / 2) + 50;
        for (int round = 0; round < rounds; round++)
        {
            // In order of hash, so that every round touches another page and leaves a segment of its own.
            Add(table, numbers[numbers.Count / rounds * round], 1);
            await Snapshot(writer, round, ("sums", table));
            most = Math.Max(most, (await blobs.ListAsync("segments/", Cancel)).Count);
        }

        Assert.InRange(most, SnapshotFormat.SegmentsMax / 2, SnapshotFormat.SegmentsMax);
        Assert.InRange((await blobs.ListAsync("segments/", Cancel)).Count, 1, SnapshotFormat.SegmentsMax / 2);
    }

    [Fact]
    public async Task Every_flipped_bit_and_every_cut_of_a_snapshot_is_refused()
    {
        MemoryBlobs blobs = new();
        using StateTable table = Sums(20, 1);
        using StateTable texts = new(0, 0);
        texts.Set("key"u8, StateHash.Of("key"u8), "value"u8);
        await Snapshot(new SnapshotWriter(blobs, Run, Plan), 0, ("sums", table), ("texts", texts));
        foreach (string name in blobs.Content.Keys.ToArray())
        {
            byte[] whole = blobs[name];
            for (int i = 0; i < whole.Length; i++)
            {
                byte[] flipped = [.. whole];
                flipped[i] ^= (byte)(1 << (i % 8));
                blobs[name] = flipped;
                await AssertRefused(blobs, name);
                blobs[name] = whole[..i];
                await AssertRefused(blobs, name);
            }

            blobs[name] = [.. whole, 0];
            await AssertRefused(blobs, name);
            blobs[name] = whole;
        }

        Dispose(await Open(blobs));
    }

    [Fact]
    public async Task Blobs_that_are_swapped_or_lost_are_found()
    {
        MemoryBlobs blobs = new();
        using StateTable table = Sums(20, 1);
        SnapshotWriter writer = new(blobs, Run, Plan);
        await Snapshot(writer, 0, ("sums", table));
        Add(table, 3, 1);
        await Snapshot(writer, 1, ("sums", table));
        foreach (string prefix in new[] { "manifests/", "partitions/s00000000", "segments/" })
        {
            IReadOnlyList<string> names = await blobs.ListAsync(prefix, Cancel);
            byte[] newest = blobs[names[^1]];
            blobs[names[^1]] = blobs[names[0]];
            Failure failure = await AssertRefused(blobs, names[^1]);
            Assert.Contains("manifests/r0000000000000000", failure.Message, StringComparison.Ordinal);
            blobs[names[^1]] = newest;
        }

        string segment = (await blobs.ListAsync("segments/", Cancel))[^1];
        byte[] bytes = blobs[segment];
        await blobs.DeleteAsync(segment, Cancel);
        Assert.Equal(FailureKind.Missing, (await AssertRefused(blobs, segment)).Kind);
        blobs[segment] = bytes;

        // What the message tells to do works.
        await blobs.DeleteAsync("manifests/r0000000000000001", Cancel);
        RunSnapshot older = await Open(blobs);
        Assert.Equal(new Round(0), older.Round);
        Dispose(older);
    }

    [Fact]
    public async Task Another_plan_a_newer_format_and_an_empty_store_are_told_apart()
    {
        MemoryBlobs blobs = new();
        Failure none = (await SnapshotReader.OpenLatestAsync(blobs, Plan, Cancel)).Failure!;
        Assert.Equal(FailureKind.Missing, none.Kind);
        await Snapshot(new SnapshotWriter(blobs, Run, Plan), 0);
        PlanDigest other = new(5, 6);
        Failure plan = (await SnapshotReader.OpenLatestAsync(blobs, other, Cancel)).Failure!;
        Assert.Equal(FailureKind.Mismatch, plan.Kind);
        Assert.Contains(Plan.ToString(), plan.Message, StringComparison.Ordinal);
        Assert.Contains(other.ToString(), plan.Message, StringComparison.Ordinal);

        byte[] manifest = blobs["manifests/r0000000000000000"];
        manifest[8] = 2;
        System.Security.Cryptography.SHA256.HashData(manifest.AsSpan(..^32), manifest.AsSpan(manifest.Length - 32));
        Failure newer = (await SnapshotReader.OpenLatestAsync(blobs, Plan, Cancel)).Failure!;
        Assert.Equal(FailureKind.Mismatch, newer.Kind);
        Assert.Contains("format version 2", newer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_at_any_operation_leaves_the_last_snapshot_or_the_new_one_and_the_next_run_cleans_up()
    {
        int crashes = 0;
        for (int operations = 0; ; operations++)
        {
            MemoryBlobs blobs = new();
            using StateTable table = Sums(2_000, 1);
            SnapshotWriter writer = new(blobs, Run, Plan);
            await Snapshot(writer, 0, ("sums", table));
            Add(table, 1, 1);
            await Snapshot(writer, 1, ("sums", table));
            using StateTable old = Sums(2_000, 1);
            Add(old, 1, 1);
            Touch(table, 500);
            blobs.OperationsLeft = operations;
            bool crashed = false;
            try
            {
                await Snapshot(writer, 2, ("sums", table));
            }
            catch (IOException)
            {
                crashed = true;
                crashes++;
            }

            blobs.OperationsLeft = int.MaxValue;
            RunSnapshot restored = await Open(blobs);
            StateTable resumed = restored.Partitions[0].Tables[0].Table;
            Assert.True(restored.Round == new Round(2) || (crashed && restored.Round == new Round(1)), $"after {operations}");
            AssertSame(restored.Round == new Round(2) ? table : old, resumed);

            SnapshotWriter next = new(blobs, Run, Plan, restored);
            for (int round = (int)restored.Round.Value + 1; round < 6; round++)
            {
                Add(resumed, (ulong)round, 1);
                await Snapshot(next, round, ("sums", resumed));
            }

            RunSnapshot last = await Open(blobs);
            AssertSame(resumed, last.Partitions[0].Tables[0].Table);
            Assert.Equal(2, (await blobs.ListAsync("manifests/", Cancel)).Count);
            Assert.Equal(4, (await blobs.ListAsync("partitions/", Cancel)).Count);
            Dispose(restored);
            Dispose(last);
            if (!crashed)
            {
                break;
            }
        }

        Assert.InRange(crashes, 5, 100);
    }

    [Fact]
    public async Task A_version_is_written_by_another_thread_while_its_table_goes_on()
    {
        MemoryBlobs blobs = new();
        using StateTable table = Sums(100_000, 1);
        using StateTable then = Sums(100_000, 1);
        SnapshotWriter writer = new(blobs, Run, Plan);
        using StateVersion version = table.Freeze();
        Task<PartitionSnapshot> writing = Task.Run(
            async () => await writer.WritePartitionAsync(First, new Round(0), default, [("sums", version)], Cancel), Cancel);
        for (ulong i = 0; i < 300_000; i++)
        {
            Add(table, i, 7);
        }

        await writer.CommitAsync(new Round(0), [await writing], default, Cancel);
        RunSnapshot restored = await Open(blobs);
        AssertSame(then, restored.Partitions[0].Tables[0].Table);
        Assert.Equal(300_000, table.Count);
        Dispose(restored);
    }

    private static async Task<PartitionSnapshot> Snapshot(
        SnapshotWriter writer, int round, params (string Name, StateTable Table)[] tables)
    {
        (string Name, StateVersion Version)[] versions = [.. tables.Select(table => (table.Name, table.Table.Freeze()))];
        try
        {
            PartitionSnapshot first = await writer.WritePartitionAsync(
                First, new Round(round), Encoding.ASCII.GetBytes($"meta {round}"), versions, Cancel);
            PartitionSnapshot second = await writer.WritePartitionAsync(Second, new Round(round), default, [], Cancel);
            await writer.CommitAsync(new Round(round), [second, first], Encoding.ASCII.GetBytes($"run {round}"), Cancel);
            return first;
        }
        finally
        {
            foreach ((_, StateVersion version) in versions)
            {
                version.Dispose();
            }
        }
    }

    private static async Task<RunSnapshot> Open(MemoryBlobs blobs)
    {
        Outcome<RunSnapshot> outcome = await SnapshotReader.OpenLatestAsync(blobs, Plan, Cancel);
        Assert.True(outcome.Succeeded, outcome.Failure?.Message);
        return outcome.Value;
    }

    private static async Task<Failure> AssertRefused(MemoryBlobs blobs, string name)
    {
        Outcome<RunSnapshot> outcome = await SnapshotReader.OpenLatestAsync(blobs, Plan, Cancel);
        Assert.False(outcome.Succeeded, name);
        Assert.Contains(name, outcome.Failure.Message, StringComparison.Ordinal);
        return outcome.Failure;
    }

    private static void Dispose(RunSnapshot snapshot)
    {
        foreach ((_, StateTable table) in snapshot.Partitions.SelectMany(partition => partition.Tables))
        {
            table.Dispose();
        }
    }

    private static StateTable Sums(int count, long value)
    {
        StateTable table = new(8, 16);
        for (int i = 0; i < count; i++)
        {
            Add(table, (ulong)i, value);
        }

        return table;
    }

    private static StateTable Texts(int count)
    {
        StateTable table = new(0, 0);
        for (int i = 0; i < count; i++)
        {
            byte[] key = Encoding.UTF8.GetBytes($"key {i}");
            table.Set(key, StateHash.Of(key), new byte[i % 100 == 0 ? 5_000 : i % 70]);
        }

        return table;
    }

    private static void Touch(StateTable table, int keys)
    {
        for (int i = 0; i < keys; i++)
        {
            Add(table, (ulong)i, 1);
        }
    }

    private static void Add(StateTable table, ulong number, long value)
    {
        byte[] key = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(key, number);
        Span<byte> sum = table.GetOrAdd(key, StateHash.Of(key), out _);
        BinaryPrimitives.WriteInt64LittleEndian(sum, BinaryPrimitives.ReadInt64LittleEndian(sum) + value);
    }

    private static void AssertSame(StateTable expected, StateTable actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (StateEntry entry in expected)
        {
            Assert.True(actual.TryGet(entry.Key, entry.Hash, out ReadOnlySpan<byte> value));
            Assert.True(entry.Value.SequenceEqual(value));
        }
    }
}
