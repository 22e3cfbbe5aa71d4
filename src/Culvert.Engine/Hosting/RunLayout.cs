using System.Buffers;
using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// What a host has to know of a plan to carry its frames: stages, partitions and edges, and nothing of what they compute.
/// The plan itself goes to workers only, sealed.
/// </summary>
internal sealed record RunLayout(PlanDigest Plan, ImmutableArray<StageLayout> Stages, ImmutableArray<(StageId From, StageId To)> Edges)
{
    private const int CountMax = 1 << 16;

    internal static RunLayout Of(Plan plan) => new(
        plan.Digest,
        [.. plan.Stages.Select(s => new StageLayout(s.Name, PlaceOf(s), s.PartitionCount, s.Source is not null))],
        [.. plan.Edges.Select(e => (e.From, e.To))]);

    /// <summary>Open stages, and those that only the owner may hold, run at the owner.</summary>
    internal static StagePlace PlaceOf(Stage stage) =>
        stage.Protection == Protection.Open || stage.Constraints.Contains(Placement.Owner) ? StagePlace.Owner
        : stage.Protection == Protection.Sealed ? StagePlace.Worker
        : stage.Protection == Protection.Enclave ? StagePlace.Enclave
        : throw new JobFailedException($"the stage '{stage.Name}' asks for the protection {stage.Protection}, which nothing here offers yet");

    internal IEnumerable<Producer> Partitions => Stages.SelectMany((s, i) =>
        Enumerable.Range(0, s.Partitions).Select(p => new Producer(new StageId(i), new PartitionId(p))));

    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Write(Plan.ToBytes());
        writer.Int32(Stages.Length);
        foreach (StageLayout stage in Stages)
        {
            writer.Text(stage.Name);
            writer.Byte((byte)stage.Place);
            writer.Int32(stage.Partitions);
            writer.Byte(stage.IsSource ? (byte)1 : (byte)0);
        }

        writer.Int32(Edges.Length);
        foreach ((StageId from, StageId to) in Edges)
        {
            writer.Int32(from.Value);
            writer.Int32(to.Value);
        }
    }

    internal static RunLayout Read(ref FieldReader reader)
    {
        PlanDigest plan = PlanDigest.FromBytes(reader.Take(PlanDigest.SizeBytes) is { Length: > 0 } digest ? digest : stackalloc byte[PlanDigest.SizeBytes]);
        int stages = Math.Min(reader.Int32(), CountMax);
        ImmutableArray<StageLayout>.Builder layouts = ImmutableArray.CreateBuilder<StageLayout>();
        for (int i = 0; i < stages && !reader.IsCut; i++)
        {
            layouts.Add(new StageLayout(reader.Text(CountMax), (StagePlace)reader.Byte(), reader.Int32(), reader.Byte() == 1));
        }

        int edges = Math.Min(reader.Int32(), CountMax);
        ImmutableArray<(StageId, StageId)>.Builder ends = ImmutableArray.CreateBuilder<(StageId, StageId)>();
        for (int i = 0; i < edges && !reader.IsCut; i++)
        {
            ends.Add((new StageId(reader.Int32()), new StageId(reader.Int32())));
        }

        return new RunLayout(plan, layouts.ToImmutable(), ends.ToImmutable());
    }
}

/// <summary>Who holds a stage's partitions.</summary>
internal enum StagePlace : byte
{
    /// <summary>The owner's process.</summary>
    Owner = 1,

    /// <summary>A worker in the host's process, which gets keys.</summary>
    Worker = 2,

    /// <summary>An enclave.</summary>
    Enclave = 3,
}

/// <summary>A stage as a host knows it.</summary>
internal sealed record StageLayout(string Name, StagePlace Place, int Partitions, bool IsSource);
