namespace Culvert.Enclaves.Simulation;

/// <summary>
/// Enclaves as locked-down processes of the same build (docs/specs/enclave-boundary.md). They are closed to the network, to
/// files and to each other, and run the same code as a real one would; but nothing protects them from their host.
/// </summary>
public sealed class SimulationBackend : IEnclaveBackend
{
    /// <inheritdoc/>
    public string Name => "simulation";

    /// <inheritdoc/>
    public bool ProtectsFromHost => false;

    /// <inheritdoc/>
    public Outcome<IEnclave> Start(EnclaveOptions options) => throw new NotImplementedException();
}
