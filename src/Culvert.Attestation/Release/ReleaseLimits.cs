namespace Culvert.Attestation;

/// <summary>What is the most that a release may have (docs/specs/key-release.md, "Limits").</summary>
public static class ReleaseLimits
{
    /// <summary>Bytes of a message to ask for a challenge.</summary>
    public const int AskBytesMax = 128 << 10;

    /// <summary>Bytes of a message with evidence: evidence and collateral in base64, headers of inputs, names.</summary>
    public const int RequestBytesMax = 16 << 20;

    /// <summary>Bytes of an answer: bundles in base64.</summary>
    public const int AnswerBytesMax = 64 << 20;

    /// <summary>Bytes of a refusal.</summary>
    public const int RefusalBytesMax = 64 << 10;

    /// <summary>Bytes of evidence and collateral together.</summary>
    public const int EvidenceBytesMax = 4 << 20;

    /// <summary>Files of evidence, and of collateral.</summary>
    public const int FilesMax = 64;

    /// <summary>Bytes of a file's name.</summary>
    public const int FileNameBytesMax = 128;

    /// <summary>Bytes of a job's name: a manifest's texts have so many.</summary>
    public const int JobBytesMax = 4 * ManifestLimits.TextMax;

    /// <summary>Sealed inputs of a release.</summary>
    public const int InputsMax = 4096;

    /// <summary>Bytes of all inputs' headers together.</summary>
    public const int HeaderBytesMax = 4 << 20;

    /// <summary>The highest number of a stage or edge, and one more.</summary>
    public const int NumbersMax = 1 << 20;

    /// <summary>Bytes of a public key: SubjectPublicKeyInfo of P-256 has 91.</summary>
    public const int KeyBytesMax = 128;

    /// <summary>Key epochs of a lineage: so many state keys go into a bundle at most.</summary>
    public const int EpochsMax = 4096;

    /// <summary>Keys of one sort in a bundle.</summary>
    public const int BundleKeysMax = 1 << 16;

    /// <summary>Bytes of a sealed bundle.</summary>
    public const int BundleBytesMax = 16 << 20;

    /// <summary>How long a challenge may be answered: a machine that makes a quote and fetches its collateral takes some seconds.</summary>
    public static TimeSpan ChallengeLifetime { get; } = TimeSpan.FromMinutes(2);
}
