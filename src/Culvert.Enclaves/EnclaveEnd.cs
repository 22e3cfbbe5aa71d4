namespace Culvert.Enclaves;

/// <summary>How an enclave ended.</summary>
/// <param name="ExitCode">What it returned; null when a signal ended it.</param>
/// <param name="Signal">The number of the signal that ended it; null when it returned.</param>
/// <param name="Description">The same in words, for messages.</param>
public sealed record EnclaveEnd(int? ExitCode, int? Signal, string Description);
