namespace Culvert.Streams;

/// <summary>A job as a class: what a program runs, what <c>plan</c> shows and what an enclave measures.</summary>
public interface IJob
{
    /// <summary>Defines the job. Called once per process; it reads no input, but may read what belongs to the plan (a table, say).</summary>
    Job Define(JobContext context);
}

/// <summary>What the command line gives a job that is defined.</summary>
/// <param name="inputs">Files or patterns to read.</param>
/// <param name="output">Where results go.</param>
/// <param name="parameters">Values by name.</param>
public sealed class JobContext(IReadOnlyList<string> inputs, SinkSpec output, IReadOnlyDictionary<string, string> parameters)
{
    /// <summary>Files or patterns to read, as they were given.</summary>
    public IReadOnlyList<string> Inputs { get; } = inputs;

    /// <summary>Where results go: a table on the terminal unless the command line says otherwise.</summary>
    public SinkSpec Output { get; } = output;

    /// <summary>A value by name, or the default.</summary>
    public string Parameter(string name, string defaultValue) => parameters.GetValueOrDefault(name, defaultValue);
}

/// <summary>Runs jobs: the engine on this machine, or another.</summary>
public interface IJobRunner
{
    /// <summary>Runs a job to its end. Throws what made it fail; cancelling ends it cleanly.</summary>
    Task RunAsync(Job job, CancellationToken cancellationToken);
}
