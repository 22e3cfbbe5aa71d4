namespace Culvert.Streams;

/// <summary>A job as a class: what a program runs, what <c>plan</c> shows and what an enclave measures.</summary>
public interface IJob
{
    /// <summary>Defines the job. Called once per process; it reads no input, but may read what belongs to the plan (a table, say).</summary>
    Job Define(JobContext context);
}
