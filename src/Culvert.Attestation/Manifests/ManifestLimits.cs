namespace Culvert.Attestation;

/// <summary>What a manifest may have at most (docs/specs/manifest.md). Each is checked before anything of that size is kept.</summary>
public static class ManifestLimits
{
    /// <summary>Bytes of the document: as many stages as a plan may have.</summary>
    public const int BytesMax = 4 << 20;

    /// <summary>Stages; a plan's.</summary>
    public const int StagesMax = ReleaseBinding.StagesMax;

    /// <summary>Measured sets of a stage.</summary>
    public const int AcceptedMax = 64;

    /// <summary>Edges of a stage; a plan's.</summary>
    public const int EdgesMax = 16_384;

    /// <summary>The highest number of an edge: those of reports are behind a plan's own.</summary>
    public const int EdgeNumberMax = EdgesMax + StagesMax;

    /// <summary>Characters of a text; a plan's names.</summary>
    public const int TextMax = 4_096;

    /// <summary>Entries of <c>inputs</c>, of revoked measurements, of revoked chips.</summary>
    public const int EntriesMax = 4_096;

    /// <summary>Those who may sign updates.</summary>
    public const int SignersMax = 32;

    /// <summary>Signatures.</summary>
    public const int SignaturesMax = 64;

    /// <summary>Versions: as many as a history's file names have room for.</summary>
    public const int VersionsMax = 9_999;

    /// <summary>Least bytes of a measured value: SHA-256.</summary>
    public const int ValueBytesMin = 32;

    /// <summary>Most bytes of a measured value or a chip's name: SHA-512, or AMD's chip id.</summary>
    public const int ValueBytesMax = 64;

    /// <summary>Least bytes of a chip's name: Intel's PPID.</summary>
    public const int ChipBytesMin = 16;
}
