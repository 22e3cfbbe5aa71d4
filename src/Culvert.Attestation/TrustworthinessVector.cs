namespace Culvert.Attestation;

/// <summary>
/// AR4SI's claims (draft-ietf-rats-ar4si, section 2.3), each -128 to 127: 0 no claim, 2 to 31 affirming, 32 to 95 warning,
/// 96 and up contraindicated, 99 that a signature does not hold.
/// </summary>
public sealed record TrustworthinessVector
{
    /// <summary>No claim is made.</summary>
    public const sbyte NoClaim = 0;

    /// <summary>The attester's identity is known and trusted (2), or not recognised (97).</summary>
    public sbyte InstanceIdentity { get; init; }

    /// <summary>Known configuration (2, 3), unsafe (32), unsupportable (96).</summary>
    public sbyte Configuration { get; init; }

    /// <summary>Approved code (2, 3), unrecognised (33), contraindicated (96).</summary>
    public sbyte Executables { get; init; }

    /// <summary>No evidence speaks of file systems: always 0.</summary>
    public sbyte FileSystem { get; init; }

    /// <summary>Genuine (2), with known vulnerabilities (32), contraindicated (96), unrecognised (97).</summary>
    public sbyte Hardware { get; init; }

    /// <summary>Memory is encrypted and out of reach (2), or visible (96).</summary>
    public sbyte RuntimeOpaque { get; init; }

    /// <summary>No evidence speaks of storage: always 0.</summary>
    public sbyte StorageOpaque { get; init; }

    /// <summary>No evidence speaks of data sources: always 0.</summary>
    public sbyte SourcedData { get; init; }
}
