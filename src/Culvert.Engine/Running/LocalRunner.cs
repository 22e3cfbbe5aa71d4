using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Runs jobs in this process.</summary>
public sealed class LocalRunner(RunOptions options) : IJobRunner
{
    /// <summary>A runner with the options' defaults.</summary>
    public static LocalRunner Default { get; } = new(new RunOptions());

    /// <inheritdoc/>
    async Task IJobRunner.RunAsync(Job job, CancellationToken cancellationToken) =>
        await RunAsync(job, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Runs a job to its end and reports. Throws <see cref="JobFailedException"/> when it fails; cancelling stops it, behind
    /// a snapshot where those are kept, and throws <see cref="OperationCanceledException"/>.
    /// </summary>
    public async Task<RunReport> RunAsync(Job job, CancellationToken cancellationToken = default)
    {
        await using LocalRun run = await LocalRun.StartAsync(Plan.Compile(job), options, cancellationToken).ConfigureAwait(false);
        await using (cancellationToken.Register(run.Stop))
        {
            RunReport report = await run.Completion.ConfigureAwait(false);
            return report.Finished ? report : throw new OperationCanceledException(cancellationToken);
        }
    }
}
