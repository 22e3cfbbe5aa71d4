using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A job's result, sealed by the stage that makes it: nobody on the way to the owner can read it. Which file it goes to, the run's options say.</summary>
public sealed class SealedResultSinkSpec : SinkSpec
{
    /// <inheritdoc/>
    public override string Canonical => SealedText.Sink;

    /// <inheritdoc/>
    public override string Description => "sealed result";

    /// <inheritdoc/>
    public override bool IsSealed => true;

    /// <summary>
    /// The sink of a job's sealed result: this one, so that the stage that makes the result seals it, unless the input comes from
    /// this process anyway. Then it is sealed here, where its rows can be counted.
    /// </summary>
    /// <param name="job">The job, with the protection that it will run in.</param>
    /// <param name="path">The file of the result.</param>
    /// <param name="owner">Gives the owner's secret; whoever calls it disposes what it gives.</param>
    /// <param name="coverage">What the result covers, where it is sealed here.</param>
    public static SinkSpec For(Job job, string path, Func<Secret> owner, RunCoverage coverage)
    {
        bool readHere = NodeRewriter.Nodes(job).Any(n => n is SourceNode { Source.IsSealed: false });
        return readHere || (job.Protection == Protection.Open && job.Sinks[0].Protection is null or Protection.Open)
            ? new SealedFileSinkSpec(path, job.Name, owner, MachineEntropy.Instance, coverage.Now)
            : new SealedResultSinkSpec();
    }
}
