using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// What a job compiles to: stages of fused operators, and the edges between them. Canonical: the same job gives the same
/// plan and the same digest, whatever order its author wrote things in memory. Immutable.
/// </summary>
public sealed class Plan
{
    private readonly Lazy<PlanComputation> _computation;

    internal Plan(Job job, ImmutableArray<Stage> stages, ImmutableArray<Edge> edges)
    {
        JobName = job.Name;
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
}
