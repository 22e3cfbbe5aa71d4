using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// What a job compiles to: stages of fused operators, and the edges between them. Canonical: the same job gives the same
/// plan and the same digest, whatever order its author wrote things in memory. Immutable.
/// </summary>
public sealed class Plan
{
    private readonly Lazy<PlanComputation> _computation;

    internal Plan(string jobName, ImmutableArray<Stage> stages, ImmutableArray<Edge> edges)
    {
        JobName = jobName;
        Stages = stages;
        Edges = edges;
        Digest = PlanCanonical.Digest(this);
        _computation = new Lazy<PlanComputation>(() => new PlanComputation(this));
    }

    /// <summary>The job's name.</summary>
    public string JobName { get; }

    /// <summary>The stages, in an order in which each comes behind those it reads from.</summary>
    public ImmutableArray<Stage> Stages { get; }

    /// <summary>The edges.</summary>
    public ImmutableArray<Edge> Edges { get; }

    /// <summary>SHA-256 of the canonical form.</summary>
    public PlanDigest Digest { get; }

    /// <summary>
    /// SHA-256 of what the plan computes, without stages, protection and constraints: the same for one job in every
    /// protection. Code draws its random numbers from it, so that the three modes give one result.
    /// </summary>
    public PlanDigest ComputationDigest => _computation.Value.Digest;

    /// <summary>An operator's number among all of the plan, in an order that follows from what they read: the same for one job in every protection.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="op">The operator's index in it.</param>
    public int NumberOf(StageId stage, int op) => _computation.Value.NumberOf(stage, op);

    /// <summary>Compiles a job. What cannot run is refused with <see cref="PlanException"/>.</summary>
    public static Plan Compile(Job job) => new Planner(job).Compile();

    /// <summary>
    /// Reads what <see cref="WriteCanonical"/> wrote, from wherever it comes: anything that is not the canonical form of a plan
    /// that can run is refused and nothing throws. <paramref name="parts"/> gives code, sources and sinks for the names that the
    /// plan has for them; a name that it does not know is refused as missing. What is read has the digest of the bytes.
    /// </summary>
    public static Outcome<Plan> Read(ReadOnlySpan<byte> canonical, IPlanParts parts) => PlanReader.Read(canonical, parts);

    /// <summary>The canonical form (docs/specs/plan.md), of which <see cref="Digest"/> is the SHA-256.</summary>
    public byte[] WriteCanonical() => PlanCanonical.Write(this);
}
