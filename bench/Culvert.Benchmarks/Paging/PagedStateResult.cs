namespace Culvert.Benchmarks.Paging;

/// <summary>What grouped counts did with a state of some size.</summary>
/// <param name="Distribution">Of keys.</param>
/// <param name="BudgetBytes">What the state may take inside; null for a run without a budget.</param>
/// <param name="StateToBudget">Size of the state, in budgets.</param>
/// <param name="Keys">How many there were.</param>
/// <param name="StateBytes">Pages of the state, inside and outside.</param>
/// <param name="Events">Counted in the measured time, when every key was there already.</param>
/// <param name="Seconds">The measured time.</param>
/// <param name="ProcessorSeconds">Processor time meanwhile: tells sizes apart also where the machine is busy.</param>
/// <param name="PagesOut">Pages sealed meanwhile.</param>
/// <param name="PagesIn">Pages opened meanwhile.</param>
/// <param name="ResidentBytesPeak">The most that was inside; 0 without a budget.</param>
public sealed record PagedStateResult(
    KeyDistribution Distribution,
    long? BudgetBytes,
    double StateToBudget,
    long Keys,
    long StateBytes,
    long Events,
    double Seconds,
    double ProcessorSeconds,
    long PagesOut,
    long PagesIn,
    long ResidentBytesPeak)
{
    /// <summary>Events counted per second.</summary>
    public double EventsPerSecond => Events / Seconds;

    /// <summary>Events counted per second of processor time.</summary>
    public double EventsPerProcessorSecond => Events / ProcessorSeconds;

    /// <summary>The answer's rows, summed by number and count; 0 unless it was asked for.</summary>
    public long Answer { get; init; }
}
