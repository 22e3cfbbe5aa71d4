namespace Culvert.Streams;

/// <summary>Runs jobs: the engine on this machine, or another.</summary>
public interface IJobRunner
{
    /// <summary>Runs a job to its end. Throws what made it fail; cancelling ends it cleanly.</summary>
    Task RunAsync(Job job, CancellationToken cancellationToken);
}
