using System.Buffers.Binary;

namespace Culvert.Sealing.Tests;

/// <summary>The vectors, and the run, plan and keys that they are of.</summary>
internal static class FrameVectors
{
    internal static readonly RunId Run = new(BinaryPrimitives.ReadUInt128BigEndian(Bytes(0, 16)));
    internal static readonly PlanDigest Plan = PlanDigest.FromBytes(Bytes(0x20, 32));
    internal static readonly InstanceSalt Salt = new(BinaryPrimitives.ReadUInt128BigEndian(Bytes(0x80, 16)));
    internal static readonly Producer From = new(new StageId(1), new PartitionId(2));
    internal static readonly FramePlace Place = new(FrameKind.Data, new EdgeId(3), new PartitionId(5), new Round(7), new SequenceNumber(9));

    /// <summary>A batch of three 32-bit numbers.</summary>
    internal static readonly byte[] Payload = Convert.FromHexString("03000000" + "00" + "0a000000140000001e000000");

    internal static string Folder { get; } = FindFolder();

    /// <summary>The keys of edge 3: epoch 0 from round 0 on, epoch 1 from round 5 on.</summary>
    internal static EdgeKeys Keys()
    {
        using Secret owner = Secret.CopyOf(Bytes(0x40, 32));
        using Secret run = KeySchedule.RunKey(owner, Run, Plan);
        EdgeKeys keys = EdgeKeys.Derive(run, new EdgeId(3));
        keys.Add(new EdgeId(3), new KeyEpoch(1), new Round(5), KeySchedule.EdgeKey(run, new EdgeId(3), new KeyEpoch(1)));
        return keys;
    }

    internal static Dictionary<string, string> Read(string vector) =>
        File.ReadAllLines(Path.Combine(Folder, "frame", vector + ".txt")).ToDictionary(line => line.Split(' ')[0], line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);

    internal static byte[] Bytes(string vector, string name) => Convert.FromHexString(Read(vector)[name]);

    private static byte[] Bytes(int first, int count) => [.. Enumerable.Range(first, count).Select(i => (byte)i)];

    /// <summary>Looks upwards from the test's program, since sources are built under mapped paths.</summary>
    private static string FindFolder()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !Directory.Exists(Path.Combine(at.FullName, "tests", "vectors", "frame")))
        {
            at = at.Parent;
        }

        return Path.Combine(at!.FullName, "tests", "vectors");
    }
}
