using System.Buffers;
using System.Collections.Immutable;

namespace Culvert.Engine;

/// <summary>What an owner tells a host to do: which frames to carry, which files to read and write, where snapshots go. No secret is in it.</summary>
internal sealed record HostSettings(RunId Run, RunLayout Layout, int Workers)
{
    private const int TextBytesMax = 1 << 16;

    /// <summary>The sealed files of source stages, by path.</summary>
    internal ImmutableArray<(StageId Stage, ImmutableArray<string> Paths)> Inputs { get; init; } = [];

    /// <summary>Where the sealed result goes; null when nobody writes one. Its header comes from a worker.</summary>
    internal string? Output { get; init; }

    /// <summary>The folder of snapshots, or null.</summary>
    internal string? Snapshots { get; init; }

    /// <summary>The configuration of the store that keeps them; null: <see cref="Snapshots"/> is a folder.</summary>
    internal string? SnapshotStore { get; init; }

    internal TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(10);

    internal bool Resume { get; init; }

    /// <summary>Bytes of state that an enclave keeps inside, or 0 for no limit.</summary>
    internal long EpcBytes { get; init; }

    /// <summary>Enclaves are to bring evidence.</summary>
    internal bool Attests { get; init; }

    internal void Write(IBufferWriter<byte> writer)
    {
        writer.UInt128(Run.Value);
        Layout.Write(writer);
        writer.Int32(Workers);
        writer.Int32(Inputs.Length);
        foreach ((StageId stage, ImmutableArray<string> paths) in Inputs)
        {
            writer.Int32(stage.Value);
            writer.Int32(paths.Length);
            foreach (string path in paths)
            {
                writer.Text(path);
            }
        }

        writer.Text(Output ?? "");
        writer.Text(Snapshots ?? "");
        writer.Text(SnapshotStore ?? "");
        writer.Int64(SnapshotInterval.Ticks);
        writer.Byte(Resume ? (byte)1 : (byte)0);
        writer.Int64(EpcBytes);
        writer.Byte(Attests ? (byte)1 : (byte)0);
    }

    internal static HostSettings? Read(ReadOnlySpan<byte> bytes)
    {
        FieldReader reader = new(bytes);
        RunId run = new(reader.UInt128());
        RunLayout layout = RunLayout.Read(ref reader);
        int workers = reader.Int32();
        int stages = reader.Int32();
        ImmutableArray<(StageId, ImmutableArray<string>)>.Builder inputs = ImmutableArray.CreateBuilder<(StageId, ImmutableArray<string>)>();
        for (int i = 0; i < stages && !reader.IsCut; i++)
        {
            StageId stage = new(reader.Int32());
            int count = reader.Int32();
            ImmutableArray<string>.Builder paths = ImmutableArray.CreateBuilder<string>();
            for (int p = 0; p < count && !reader.IsCut; p++)
            {
                paths.Add(reader.Text(TextBytesMax));
            }

            inputs.Add((stage, paths.ToImmutable()));
        }

        string output = reader.Text(TextBytesMax);
        string snapshots = reader.Text(TextBytesMax);
        string store = reader.Text(TextBytesMax);
        HostSettings settings = new(run, layout, workers)
        {
            Inputs = inputs.ToImmutable(),
            Output = output.Length == 0 ? null : output,
            Snapshots = snapshots.Length == 0 ? null : snapshots,
            SnapshotStore = store.Length == 0 ? null : store,
            SnapshotInterval = TimeSpan.FromTicks(reader.Int64()),
            Resume = reader.Byte() == 1,
            EpcBytes = reader.Int64(),
            Attests = reader.Byte() == 1,
        };
        return reader.IsCut || reader.Left > 0 || workers < 1 ? null : settings;
    }
}
