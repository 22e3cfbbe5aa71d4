namespace Culvert.Storage;

/// <summary>Limits of units' formats (docs/specs/unit.md, Limits), checked before anything is allocated.</summary>
public static class UnitLimits
{
    /// <summary>Most clouds that may be faulty.</summary>
    public const int FaultsMax = 10;

    /// <summary>Most clouds: 3f + 1.</summary>
    public const int CloudsMax = (3 * FaultsMax) + 1;

    /// <summary>Shortest and longest chunk, and the usual one, bytes of plaintext.</summary>
    public const int ChunkBytesMin = 16;

    /// <inheritdoc cref="ChunkBytesMin"/>
    public const int ChunkBytesMax = 8 << 20;

    /// <inheritdoc cref="ChunkBytesMin"/>
    public const int ChunkBytesDefault = 4 << 20;

    /// <summary>Longest index of digests, bytes.</summary>
    public const int IndexBytesMax = 16 << 20;

    /// <summary>Longest index that a descriptor holds itself, bytes.</summary>
    public const int IndexInsideBytesMax = 4096;

    /// <summary>Longest descriptor, bytes.</summary>
    public const int DescriptorBytesMax = 64 << 10;

    /// <summary>Most versions of a unit that are kept.</summary>
    public const int VersionsMax = 1024;

    /// <summary>Longest metadata record, bytes.</summary>
    public const int MetadataBytesMax = 256 << 10;

    /// <summary>Longest configuration, bytes.</summary>
    public const int ConfigurationBytesMax = 128 << 10;

    /// <summary>Longest name of a cloud, bytes.</summary>
    public const int CloudNameBytesMax = 64;

    /// <summary>Longest location of a cloud, bytes.</summary>
    public const int LocationBytesMax = 1024;

    /// <summary>Most writers beside the owner.</summary>
    public const int WritersMax = 64;

    /// <summary>Most readers of mode <c>sealed</c>.</summary>
    public const int ReadersMax = 256;

    /// <summary>Longest lease, bytes.</summary>
    public const int LeaseBytesMax = 1024;

    /// <summary>Longest lease, time.</summary>
    public static readonly TimeSpan LeaseMax = TimeSpan.FromHours(24);

    /// <summary>Greatest counter, version and configuration number.</summary>
    public const long NumberMax = 1L << 62;
}
