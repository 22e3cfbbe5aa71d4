namespace Culvert.Benchmarks.Provisioning;

/// <summary>What it takes until enclaves that prove themselves are at work, and what it costs them from then on.</summary>
/// <param name="Program">The program that host and enclaves were processes of.</param>
/// <param name="Enclaves">How many were started at once.</param>
/// <param name="KeysSeconds">From the start of the run to the last enclave's release; the median run.</param>
/// <param name="ReadySeconds">From the start of the run to its result, which takes all of them; the median run.</param>
/// <param name="RowsPerSecond">A sealed job whose enclaves had their keys for evidence; the median run.</param>
/// <param name="RowsPerSecondRatio">To the same job with keys from the owner's key: the median of the pairs' ratios.</param>
/// <param name="RowsPerProcessorSecondRatio">The same per second of processor time, which a busy machine disturbs least.</param>
/// <param name="RowsPerProcessorSecondRatios">That of each pair, ascending: how far they lie apart is what noise there was.</param>
public sealed record ProvisioningFigures(
    string Program, int Enclaves, double KeysSeconds, double ReadySeconds, double RowsPerSecond, double RowsPerSecondRatio, double RowsPerProcessorSecondRatio,
    IReadOnlyList<double> RowsPerProcessorSecondRatios);
