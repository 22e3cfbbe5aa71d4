namespace Culvert.Attestation;

/// <summary>What the verifier says of an attester, in the tiers of EAR (draft-ietf-rats-ear, section 3.2). Ordered from the best to the worst.</summary>
public enum AttestationStatus
{
    /// <summary>Everything that was asked holds.</summary>
    Affirming = 0,

    /// <summary>Genuine, but with a known weakness that somebody has to judge.</summary>
    Warning,

    /// <summary>Nothing can be said: something is missing, expired, malformed or of a kind that is not known.</summary>
    None,

    /// <summary>Evidence that is wrong, or whose protection is known to be void.</summary>
    Contraindicated,
}
