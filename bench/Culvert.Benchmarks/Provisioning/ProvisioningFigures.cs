namespace Culvert.Benchmarks.Provisioning;

/// <summary>What it takes until enclaves that prove themselves are at work, and what it costs them from then on.</summary>
/// <param name="Enclaves">How many were started at once.</param>
/// <param name="KeysSeconds">From the start of the run to the last enclave's release; the median run.</param>
/// <param name="ReadySeconds">From the start of the run to its result, which takes all of them; the median run.</param>
/// <param name="RowsPerSecond">A sealed job whose enclaves had their keys for evidence; the median run.</param>
/// <param name="RowsPerSecondRatio">To the same job with keys from the owner's key.</param>
/// <param name="RowsPerProcessorSecondRatio">The same per second of processor time.</param>
public sealed record ProvisioningFigures(
    int Enclaves, double KeysSeconds, double ReadySeconds, double RowsPerSecond, double RowsPerSecondRatio, double RowsPerProcessorSecondRatio);
