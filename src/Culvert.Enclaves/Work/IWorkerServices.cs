using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>What a worker is given to work with, beside its channel.</summary>
public interface IWorkerServices
{
    /// <summary>The clock of sources that wait for input; nothing else looks at it.</summary>
    IClock Clock { get; }

    /// <summary>Salts and nonces.</summary>
    IEntropy Entropy { get; }

    /// <summary>Opens the source of a stage; called once, with the first of its partitions. Failures throw <see cref="SourceFailedException"/>.</summary>
    ISource OpenSource(StageWorker worker, StageId stage, SourceNode node);

    /// <summary>As <see cref="IStageServices.OpenSink"/>.</summary>
    ISinkWriter OpenSink(StageWorker worker, SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position);

    /// <summary>The sealed files of a run that can be opened here, as their ends pin them. Asks the host when first called.</summary>
    IReadOnlyList<SealedInput> ReadInputs(StageWorker worker);

    /// <summary>Takes a partition's sealed report; only the owner's worker gets any.</summary>
    void Report(Producer from, PartitionReport report);

    /// <summary>What keyed state may take of this worker's memory; null where that is not limited.</summary>
    StateBudget? Budget { get; }

    /// <summary>Makes what sinks have written here outlive a loss of power: a snapshot is to count from now on. From any thread.</summary>
    void MakeDurable();
}
