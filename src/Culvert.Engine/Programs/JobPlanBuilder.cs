using Culvert.Enclaves;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Builds a job's plan again in a worker of the program that holds the job, by the same function, and refuses it unless it is
/// the owner's to the byte. Safe for any number of threads: the function is called by one at a time.
/// </summary>
/// <param name="define">The job; may depend on its context only.</param>
internal sealed class JobPlanBuilder(Func<JobContext, Job> define) : IPlanBuilder
{
    private const string Advice = "; it may depend on its inputs and parameters only, and not on files, the environment, the clock or chance";

    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public Outcome<Plan> Build(ReadOnlySpan<byte> canonical, ReadOnlySpan<byte> code)
    {
        Outcome<JobInvocation> invocation = JobInvocation.Read(code);
        if (invocation.Failure is { } unreadable)
        {
            return unreadable;
        }

        Outcome<Plan> built = Build(invocation.Value);
        return !built.Succeeded || built.Value.WriteCanonical().AsSpan().SequenceEqual(canonical)
            ? built
            : new Failure(FailureKind.Mismatch, $"the job's definition gives another plan in the worker than at the owner ({Difference(canonical, built.Value)}){Advice}");
    }

    private Outcome<Plan> Build(JobInvocation invocation)
    {
        SinkSpec output = invocation.Output == SealedText.Sink ? new SealedResultSinkSpec() : new OpaqueSinkSpec(invocation.Output);
        try
        {
            lock (_lock)
            {
                Job job = invocation.Define(define, output);
                return Plan.Compile(invocation.ReadSealed(job, () => throw new InvalidOperationException("a worker gets files' keys, and never the owner's secret")));
            }
        }
        catch (Exception failure) when (failure is not (OutOfMemoryException or InsufficientExecutionStackException))
        {
            // The job's own code: whatever it throws is about its definition. The text of it may tell of what nobody here may see.
            return new Failure(FailureKind.Mismatch, $"the job's definition fails in the worker, with {failure.GetType().Name}{Advice}");
        }
    }

    /// <summary>Where the plans differ first, as far as a host may know: stages by number, and not what they compute.</summary>
    private static string Difference(ReadOnlySpan<byte> canonical, Plan built)
    {
        Outcome<Plan> wanted = Plan.Read(canonical, PlanParts.From(built));
        return !wanted.Succeeded ? "in its code, sources or sinks"
            : wanted.Value.Stages.Length != built.Stages.Length ? $"{built.Stages.Length} stages, and {wanted.Value.Stages.Length} there"
            : $"digest {built.Digest}, and {wanted.Value.Digest} there";
    }
}
