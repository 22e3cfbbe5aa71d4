using System.Buffers.Binary;
using System.Text;
using Culvert.Kits;

namespace Culvert.Stages.Tests;

/// <summary>The vectors were made from the specification by another program than Culvert.</summary>
public sealed class SnapshotVectorTests
{
    private static readonly PlanDigest Plan = PlanDigest.FromBytes([.. Enumerable.Range(32, 32).Select(i => (byte)i)]);
    private static readonly RunId Run = new(BinaryPrimitives.ReadUInt128BigEndian([.. Enumerable.Range(0, 16).Select(i => (byte)i)]));
    private static readonly Producer Partition = new(new StageId(1), new PartitionId(2));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Flaws =>
        [.. Directory.GetFiles(Folder(), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Where(name => name != "whole").Order()];

    [Fact]
    public async Task The_whole_vector_is_read()
    {
        (_, MemoryBlobs blobs) = Read("whole");
        Outcome<RunSnapshot> outcome = await SnapshotReader.OpenLatestAsync(blobs, Plan, Cancel);
        Assert.True(outcome.Succeeded, outcome.Failure?.Message);
        Assert.Equal(Run, outcome.Value.Run);
        Assert.Equal(new Round(3), outcome.Value.Round);
        Assert.Equal("sources"u8.ToArray(), outcome.Value.Meta.ToArray());
        RestoredPartition partition = Assert.Single(outcome.Value.Partitions);
        Assert.Equal(Partition, partition.Producer);
        Assert.Equal("vector"u8.ToArray(), partition.Meta.ToArray());
        using StateTable sums = partition.Tables[0].Table;
        using StateTable texts = partition.Tables[1].Table;
        Assert.Equal(["sums", "texts"], partition.Tables.Select(table => table.Name));
        Assert.Equal(6, sums.Count);
        byte[] five = [5, 0, 0, 0, 0, 0, 0, 0];
        Assert.True(sums.TryGet(five, StateHash.Of(five), out ReadOnlySpan<byte> square));
        Assert.Equal(25, BinaryPrimitives.ReadInt64LittleEndian(square[8..]));
        Assert.True(texts.TryGet("carrier"u8, StateHash.Of("carrier"u8), out ReadOnlySpan<byte> carrier));
        Assert.Equal("AA", Encoding.ASCII.GetString(carrier));
    }

    [Fact]
    public async Task The_whole_vector_is_written_byte_by_byte()
    {
        (_, MemoryBlobs expected) = Read("whole");
        using StateTable sums = new(8, 16);
        for (int i = 5; i >= 0; i--)
        {
            byte[] key = [(byte)i, 0, 0, 0, 0, 0, 0, 0];
            Span<byte> value = sums.GetOrAdd(key, StateHash.Of(key), out _);
            BinaryPrimitives.WriteInt64LittleEndian(value, i);
            BinaryPrimitives.WriteInt64LittleEndian(value[8..], i * i);
        }

        using StateTable texts = new(0, 0);
        Set(texts, "carrier", "AA"u8);
        Set(texts, "a key of more than sixteen bytes", [0, 255]);
        Set(texts, "k", []);
        Set(texts, "", "empty key"u8);
        MemoryBlobs blobs = new();
        SnapshotWriter writer = new(blobs, Run, Plan);
        using StateVersion sumsThen = sums.Freeze();
        using StateVersion textsThen = texts.Freeze();
        PartitionSnapshot partition = await writer.WritePartitionAsync(
            Partition, new Round(3), "vector"u8.ToArray(), [("sums", sumsThen), ("texts", textsThen)], Cancel);
        await writer.CommitAsync(new Round(3), [partition], "sources"u8.ToArray(), Cancel);
        Assert.Equal(expected.Content.Keys.Order(), blobs.Content.Keys.Order());
        foreach ((string name, byte[] bytes) in expected.Content)
        {
            Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(blobs[name]));
        }
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task A_flawed_snapshot_is_refused_by_the_name_of_the_blob(string flaw)
    {
        (string[] expect, MemoryBlobs blobs) = Read(flaw);
        Outcome<RunSnapshot> outcome = await SnapshotReader.OpenLatestAsync(blobs, Plan, Cancel);
        Assert.False(outcome.Succeeded);
        Assert.Equal(Enum.Parse<FailureKind>(expect[0]), outcome.Failure.Kind);
        Assert.StartsWith(expect[1], outcome.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hashes_are_those_of_the_vectors()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder(), "..", "state-hash.txt"));
        foreach (string line in lines.Where(line => !line.StartsWith('#')))
        {
            string[] parts = line.Split(' ');
            byte[] key = parts[0] == "-" ? [] : Convert.FromHexString(parts[0]);
            Assert.Equal(parts[1], StateHash.Of(key).ToString("x16", null));
            if (key.Length == 8)
            {
                Assert.Equal(parts[1], StateHash.Of(BinaryPrimitives.ReadUInt64LittleEndian(key)).ToString("x16", null));
            }
        }

        Assert.Equal(15, lines.Length);
    }

    private static void Set(StateTable table, string key, ReadOnlySpan<byte> value)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(key);
        table.Set(bytes, StateHash.Of(bytes), value);
    }

    private static (string[] Expect, MemoryBlobs Blobs) Read(string vector)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder(), vector + ".txt"));
        MemoryBlobs blobs = new();
        foreach (string line in lines.Skip(1))
        {
            string[] parts = line.Split(' ');
            blobs[parts[0]] = Convert.FromHexString(parts[1]);
        }

        return (lines[0].Split(' ')[1..], blobs);
    }

    /// <summary>Looks upwards from the test's program, since sources are built under mapped paths.</summary>
    private static string Folder()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !Directory.Exists(Path.Combine(at.FullName, "tests", "vectors", "snapshot")))
        {
            at = at.Parent;
        }

        return Path.Combine(at!.FullName, "tests", "vectors", "snapshot");
    }
}
