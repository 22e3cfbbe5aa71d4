namespace Culvert.Benchmarks.SecureStreams;

/// <summary>What an enclave costs before it has anything to do.</summary>
/// <param name="Program">What was started.</param>
/// <param name="Milliseconds">From the start of its process to its hello, of each start.</param>
/// <param name="ResidentBytes">Its process's memory then, of the last start: everything that is mapped and was touched.</param>
/// <param name="OwnBytes">Of these: heap, stacks and code made at run time.</param>
/// <param name="FileBytes">Of these: pages of program files, which all enclaves of a machine share.</param>
/// <param name="RingBytes">Of these: memory shared with the host.</param>
public sealed record EnclaveStartFigure(
    string Program, IReadOnlyList<double> Milliseconds, long ResidentBytes, long OwnBytes, long FileBytes, long RingBytes)
{
    /// <summary>The middle start.</summary>
    public double Median => Milliseconds.Order().ElementAt(Milliseconds.Count / 2);
}
