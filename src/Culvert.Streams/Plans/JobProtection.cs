namespace Culvert.Streams;

/// <summary>Runs a job under another protection than its author wrote.</summary>
public static class JobProtection
{
    /// <summary>The same job with <paramref name="protection"/> for all nodes that do not fix their own; those that do keep it.</summary>
    public static Job Apply(Job job, Protection protection) =>
        new(job.Name, job.Sinks) { Protection = protection, KeyPartitions = job.KeyPartitions };
}
