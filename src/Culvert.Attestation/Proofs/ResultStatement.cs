using System.Collections.Immutable;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>
/// What a partition of the last enclave stage says of the result when it ends (docs/specs/proof.md, "Statement"): which rows it
/// gave, what they were made of, and which partitions' rows make the result together. Immutable.
/// </summary>
public sealed record ResultStatement
{
    /// <summary>Most stages that make a result together, and most partitions of one.</summary>
    public const int PartsMax = 4096;

    /// <summary>Most inputs.</summary>
    public const int InputsMax = 4096;

    /// <summary>Most stages that are named as open.</summary>
    public const int OpenStagesMax = 4096;

    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>The plan.</summary>
    public required PlanDigest Plan { get; init; }

    /// <summary>The manifest under which the enclave was given its keys; 32 bytes.</summary>
    public required ImmutableArray<byte> Manifest { get; init; }

    /// <summary>The key epoch.</summary>
    public required KeyEpoch Epoch { get; init; }

    /// <summary>Which of the job's results, by number of its sink; from 0.</summary>
    public required int Result { get; init; }

    /// <summary>The stage whose rows are digested.</summary>
    public required StageId Stage { get; init; }

    /// <summary>The partition.</summary>
    public required PartitionId Partition { get; init; }

    /// <summary>All stages whose rows make the result together, by number, each with its partitions: the same in all statements of a result.</summary>
    public required ImmutableArray<ResultPart> Parts { get; init; }

    /// <summary><see cref="ResultColumn.DigestOf"/> of the rows' columns; 32 bytes.</summary>
    public required ImmutableArray<byte> Columns { get; init; }

    /// <summary><see cref="ResultDigestBuilder.CommitmentOf"/> of the salt; 32 bytes.</summary>
    public required ImmutableArray<byte> Salt { get; init; }

    /// <summary>The rows.</summary>
    public required ResultDigest Digest { get; init; }

    /// <summary>Whether all input was worked off: every end mark was seen.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>The sealed files that were read, as far as this partition knows, in order of their ids.</summary>
    public ImmutableArray<SealedInput> Inputs { get; init; } = [];

    /// <summary>Stages that no enclave runs and from which rows come into enclaves: who runs them may have changed those.</summary>
    public ImmutableArray<string> OpenBefore { get; init; } = [];

    /// <summary>Stages that no enclave runs and that do more to the rows than write them.</summary>
    public ImmutableArray<string> OpenBehind { get; init; } = [];

    /// <summary>The strand of the sealed result that this partition wrote; null where it does not write one.</summary>
    public ResultStrand? Strand { get; init; }

    /// <summary>The canonical bytes, which are signed.</summary>
    public byte[] ToBytes() => ResultStatementCodec.Write(this);

    /// <summary>Reads what <see cref="ToBytes"/> gives; anything else is refused.</summary>
    public static Outcome<ResultStatement> FromBytes(ReadOnlySpan<byte> bytes) => ResultStatementCodec.Read(bytes);
}

/// <summary>A stage whose rows are a part of a result.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Partitions">Its partitions, each of which makes a statement.</param>
public readonly record struct ResultPart(StageId Stage, int Partitions);

/// <summary>A strand of a sealed result, at its end: with the others of its file it gives the file's end digest.</summary>
/// <param name="Stream">The file's stream.</param>
/// <param name="HeaderTag">The tag of the file's header.</param>
/// <param name="Strand">Its number.</param>
/// <param name="Strands">How many strands the file has.</param>
/// <param name="Groups">Its row groups.</param>
/// <param name="EndTag">The tag of its end.</param>
public sealed record ResultStrand(StreamId Stream, UInt128 HeaderTag, int Strand, int Strands, long Groups, UInt128 EndTag);
