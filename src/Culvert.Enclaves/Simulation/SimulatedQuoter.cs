using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.Enclaves.Simulation;

/// <summary>
/// Evidence of a simulated enclave: the digest that its host found before it started it, signed with the user's development
/// key. A real enclave's hardware measures and signs by itself; here nothing keeps a host from lying, and verifiers say so.
/// </summary>
internal sealed class SimulatedQuoter(byte[] measurement, SimulationIdentity identity) : IQuoter
{
    private readonly Lock _lock = new();

    /// <summary>Reads the key while files can still be read.</summary>
    internal static SimulatedQuoter Load(EnclaveArguments arguments)
    {
        Outcome<SimulationIdentity> identity = SimulationIdentity.LoadOrCreate(arguments.KeyFile, MachineEntropy.Instance);
        return identity.Succeeded
            ? new SimulatedQuoter(Convert.FromHexString(arguments.Measurement), identity.Value)
            : throw new InvalidOperationException(identity.Failure.Message);
    }

    /// <inheritdoc/>
    public Outcome<ImmutableSortedDictionary<string, ImmutableArray<byte>>> Quote(ReadOnlySpan<byte> reportData)
    {
        Span<byte> bound = stackalloc byte[SimulationEvidence.ReportDataBytes];
        bound.Clear();
        reportData.CopyTo(bound);
        lock (_lock)
        {
            byte[] evidence = SimulationEvidence.Create(measurement, bound, identity.Key);
            return ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty
                .WithComparers(StringComparer.Ordinal).Add(SimulationEvidence.FileName, [.. evidence]);
        }
    }
}
