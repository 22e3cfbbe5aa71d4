using System.Buffers;
using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>What a partition of the last enclave stage notes of its rows, to state it when it ends (docs/specs/proof.md).</summary>
internal sealed class PartitionProof : IDisposable
{
    private readonly ResultProof _proof;
    private readonly WorkerSetup _setup;
    private readonly ResultDigestBuilder _rows;
    private readonly ArrayBufferWriter<byte> _row = new();
    private readonly ImmutableArray<SealedInput> _inputs;

    /// <param name="proof">How the plan's result is proven.</param>
    /// <param name="setup">The worker's, with a salt.</param>
    /// <param name="inputs">The sealed inputs.</param>
    /// <param name="state">What <see cref="Save"/> gave, to go on from; empty to begin.</param>
    internal PartitionProof(ResultProof proof, WorkerSetup setup, IEnumerable<SealedInput> inputs, ReadOnlySpan<byte> state)
    {
        (_proof, _setup) = (proof, setup);
        _inputs = [.. inputs.OrderBy(i => i.Stream.Value)];
        ResultDigest? from = null;
        if (!state.IsEmpty)
        {
            Outcome<ResultDigest> read = ResultDigest.Read(state);
            from = read.Succeeded ? read.Value : throw new IntegrityException(read.Failure with { Kind = FailureKind.Integrity });
        }

        _rows = new ResultDigestBuilder(setup.ProofSalt!.Bytes, from);
    }

    /// <summary>Notes rows of the result; the batch is not kept.</summary>
    internal void Add(Batch batch)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            _row.ResetWrittenCount();
            BatchRows.Write(batch, row, _row);
            _rows.Add(_row.WrittenSpan);
        }
    }

    /// <summary>What was noted so far, for a snapshot.</summary>
    internal byte[] Save()
    {
        _row.ResetWrittenCount();
        _rows.Digest.Write(_row);
        return _row.WrittenSpan.ToArray();
    }

    /// <summary>The statement of a partition that has finished: all its inputs' end marks came.</summary>
    internal SignedStatement State(Producer producer, ResultStrand? strand) => SignedStatement.Sign(
        new ResultStatement
        {
            Run = _setup.Run,
            Plan = _setup.Plan.Digest,
            Manifest = _setup.Release!.Manifest,
            Epoch = _setup.Epoch,
            Result = 0,
            Stage = producer.Stage,
            Partition = producer.Partition,
            Parts = _proof.Parts,
            Columns = [.. ResultColumn.DigestOf(_proof.Columns)],
            Salt = [.. ResultDigestBuilder.CommitmentOf(_setup.ProofSalt!.Bytes)],
            Digest = _rows.Digest,
            IsComplete = true,
            Inputs = _inputs,
            OpenBefore = _proof.OpenBefore,
            Strand = strand,
        },
        _setup.Signer!);

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
