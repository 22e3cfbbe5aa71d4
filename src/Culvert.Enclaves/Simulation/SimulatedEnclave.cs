namespace Culvert.Enclaves.Simulation;

/// <summary>The enclave's side of the simulation: from the first argument to the last exit code.</summary>
internal static class SimulatedEnclave
{
    internal static int Run(string[] args, Func<EnclaveContext, int> main, Action? warmUp) => throw new NotImplementedException();
}
