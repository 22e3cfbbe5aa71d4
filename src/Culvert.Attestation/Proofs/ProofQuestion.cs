using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>What an auditor brings to a proof.</summary>
public sealed record ProofQuestion
{
    /// <summary>The owner's public signing key, from elsewhere than the proof: SubjectPublicKeyInfo.</summary>
    public required ReadOnlyMemory<byte> OwnerKey { get; init; }

    /// <summary>The result's file, by its digests; null when nobody asks about one.</summary>
    public ResultClaim? Result { get; init; }

    /// <summary>Who judges time stamps' tokens; null when no authority is trusted.</summary>
    public ITimestampVerifier? Timestamps { get; init; }
}

/// <summary>A result's file, as it was read.</summary>
/// <param name="Name">The file's name, for words.</param>
/// <param name="Rows">The digest of its rows under the proof's salt; null where the proof has none.</param>
/// <param name="Sealed">Its end digest, if it is sealed and all of it is authentic, or was not opened.</param>
/// <param name="Failure">Why there is no digest: a file that is no result of these columns; null when there is one.</param>
public sealed record ResultClaim(string Name, ResultDigest? Rows, EndDigest? Sealed, Failure? Failure = null)
{
    /// <summary>The file is sealed and nobody opened it: its end digest is what it says, and its row groups are not authenticated.</summary>
    public bool IsUnopened { get; init; }
}

/// <summary>The port to RFC 3161: tokens are CMS, which this room does not read.</summary>
public interface ITimestampVerifier
{
    /// <summary>When an authority that is trusted saw the bytes; a failure when the token is not theirs, or of other bytes.</summary>
    Outcome<TimestampWord> Verify(ReadOnlyMemory<byte> token, ReadOnlySpan<byte> stamped);
}

/// <summary>A time stamp that holds.</summary>
/// <param name="At">When.</param>
/// <param name="Authority">Whose word it is.</param>
public sealed record TimestampWord(DateTimeOffset At, string Authority);
