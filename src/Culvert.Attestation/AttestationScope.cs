namespace Culvert.Attestation;

/// <summary>What a verdict speaks of.</summary>
public enum AttestationScope
{
    /// <summary>Only the hardware and its firmware; nothing is said of the code that runs on it.</summary>
    Platform = 0,

    /// <summary>The code as well: a policy named the full measured set, and it matched.</summary>
    Workload,
}
