namespace Culvert.Attestation;

/// <summary>Where a broker's time, chance and memory come from.</summary>
/// <param name="Clock">Its own clock: dates of manifests, collateral and nonces are compared with it.</param>
/// <param name="Entropy">Nonces, and the ephemeral keys of bundles.</param>
/// <param name="Log">What it must not forget.</param>
public sealed record KeyBrokerPorts(IClock Clock, IEntropy Entropy, IReleaseLog Log)
{
    /// <summary>Collateral for machines that bring none; null: they have to.</summary>
    public ICollateralShelf? Collateral { get; init; }
}

/// <summary>How a broker behaves.</summary>
public sealed record KeyBrokerOptions
{
    /// <summary>Only say what would be decided; no key leaves, and nothing is counted. Default false.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Challenges that are kept at a time; each takes some 300 bytes. Default 65,536.</summary>
    public int ChallengesMax { get; init; } = 65_536;

    /// <summary>The name of this verifier in attestation results. Default <c>culvert</c>.</summary>
    public string Build { get; init; } = "culvert";
}
