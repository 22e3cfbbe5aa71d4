namespace Culvert.Attestation;

/// <summary>What a proof may have at most (docs/specs/proof.md). Each is checked before anything of that size is kept.</summary>
public static class ProofLimits
{
    /// <summary>Bytes of the document: revocation lists, for each enclave.</summary>
    public const int BytesMax = 64 << 20;

    /// <summary>Versions of the manifest.</summary>
    public const int ManifestsMax = 256;

    /// <summary>Enclaves of a run.</summary>
    public const int EnclavesMax = 1024;

    /// <summary>Statements: stages by partitions.</summary>
    public const int StatementsMax = 65_536;

    /// <summary>Columns; a sealed file's.</summary>
    public const int ColumnsMax = 4096;

    /// <summary>Characters of a column's name or type.</summary>
    public const int TextMax = 4096;

    /// <summary>Time stamps of each sort.</summary>
    public const int TimestampsMax = 16;

    /// <summary>Bytes of a time stamp's token: with its chain of certificates some 6 KiB.</summary>
    public const int TokenBytesMax = 64 << 10;

    /// <summary>Inputs, and bytes of all their headers.</summary>
    public const int InputsMax = ReleaseLimits.InputsMax;
}
