using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>All ways to get evidence from a machine.</summary>
public static class EvidenceCollectors
{
    /// <summary>
    /// Every collector, in the order in which they are tried: what protects most comes first. <paramref name="tpmTransport"/> names
    /// another TPM than the machine's own, as tpm2-tools do (a TCTI).
    /// </summary>
    public static ImmutableArray<IEvidenceCollector> All(IHostFiles files, IHostTools tools, string? tpmTransport = null) =>
        [new GramineCollector(files), new ConfigfsTsmCollector(files), new TpmToolsCollector(files, tools, tpmTransport)];
}
