using System.Collections.Immutable;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>A proof's statements: whose they are, whether they are all there, and what they say together.</summary>
internal sealed class StatementAppraisal
{
    private readonly Proof _proof;
    private readonly ImmutableArray<ResultStatement> _statements;
    private string? _wrong;
    private string? _inputsWrong;
    private string? _sealedWrong;

    private StatementAppraisal(Proof proof, ImmutableArray<ResultStatement> statements) => (_proof, _statements) = (proof, statements);

    /// <summary>The digest of all rows, when the statements hold; null otherwise.</summary>
    internal ResultDigest? Rows { get; private set; }

    internal bool IsComplete => !_statements.IsEmpty && _statements.All(s => s.IsComplete);

    internal ResultStatement? First => _statements.IsEmpty ? null : _statements[0];

    internal static StatementAppraisal Of(Proof proof, EnclaveAppraisal enclaves)
    {
        ImmutableArray<ResultStatement>.Builder statements = ImmutableArray.CreateBuilder<ResultStatement>();
        string? wrong = null;
        foreach (SignedStatement signed in proof.Statements)
        {
            Outcome<ResultStatement> read = signed.Read();
            if (!read.Succeeded)
            {
                wrong ??= read.Failure.Message;
                continue;
            }

            statements.Add(read.Value);
            wrong ??= OfSigner(signed, read.Value, enclaves);
        }

        StatementAppraisal appraisal = new(proof, statements.ToImmutable()) { _wrong = wrong };
        appraisal.Appraise();
        return appraisal;
    }

    internal void Tell(ProofFindings findings)
    {
        findings.Add("proof.statements", _wrong, $"{_statements.Length} of {_statements.Length} {(_statements.Length == 1 ? "partition signed its" : "partitions signed their")} rows: {Rows?.Rows} in all");
        findings.Add("proof.complete", IsComplete ? null : "a partition states that not all input was worked off when it ended", "all input was worked off");
        findings.Add("proof.inputs", _inputsWrong, _proof.Inputs.IsEmpty ? "no sealed input is named" : $"{_proof.Inputs.Length} sealed {(_proof.Inputs.Length == 1 ? "input" : "inputs")}, the same in evidence and statements");
        if (_proof.Sealed is null && _statements.All(s => s.Strand is null))
        {
            findings.NotChecked("proof.sealed", "the enclaves sealed no result file");
        }
        else
        {
            findings.Add("proof.sealed", _sealedWrong, $"the enclaves sealed the file with end digest {_proof.Sealed}");
        }
    }

    /// <summary>Nobody's whose enclave is not believed, and of no other stage or release than that enclave's.</summary>
    private static string? OfSigner(SignedStatement signed, ResultStatement statement, EnclaveAppraisal enclaves)
    {
        string which = $"the statement of {new Producer(statement.Stage, statement.Partition)}";
        EnclaveProof? signer = enclaves.Believed.FirstOrDefault(e => signed.IsBy(e.Binding.SigningKey.AsMemory()));
        if (signer is null)
        {
            return $"{which} is signed by no enclave whose evidence holds";
        }

        ReleaseBinding binding = signer.Binding;
        return binding.Stages.Contains(statement.Stage) && statement.Run == binding.Run && statement.Plan == binding.Plan
            && statement.Manifest.SequenceEqual(binding.Manifest) && statement.Epoch == binding.Epoch
            ? null
            : $"{which} is of another run, plan, manifest, key epoch or stage than its enclave's";
    }

    private void Appraise()
    {
        _wrong ??= OfWhole();
        if (_wrong is null)
        {
            Rows = _statements.Aggregate(ResultDigest.Empty, (sum, s) => sum.With(s.Digest));
        }

        _inputsWrong = OfInputs();
        _sealedWrong = OfSealed();
    }

    private string? OfWhole()
    {
        if (First is not { } first)
        {
            return "no partition made a statement";
        }

        if (_statements.Any(s => !Agrees(s, first)))
        {
            return "the statements do not agree on which result it is, its parts, columns, salt or the stages in the open";
        }

        if (!first.Columns.AsSpan().SequenceEqual(ResultColumn.DigestOf(_proof.Columns)))
        {
            return "the columns are not those that the statements name";
        }

        if (!_proof.Salt.IsEmpty && !first.Salt.AsSpan().SequenceEqual(ResultDigestBuilder.CommitmentOf(_proof.Salt.AsSpan())))
        {
            return "the salt is not the one that the statements name";
        }

        long partitions = first.Parts.Sum(p => (long)p.Partitions);
        HashSet<Producer> there = [.. _statements.Select(s => new Producer(s.Stage, s.Partition))];
        if (there.Count != _statements.Length)
        {
            return "a partition's statement is there twice";
        }

        // Each is a partition of a part, as reading made sure; so as many different ones as there have to be are all of them.
        return there.Count == partitions ? null : $"{partitions - there.Count} of {partitions} partitions that make the result have no statement";
    }

    private static bool Agrees(ResultStatement one, ResultStatement other) =>
        one.Result == other.Result && one.Parts.SequenceEqual(other.Parts) && one.Columns.SequenceEqual(other.Columns) && one.Salt.SequenceEqual(other.Salt)
        && one.OpenBefore.SequenceEqual(other.OpenBefore) && one.OpenBehind.SequenceEqual(other.OpenBehind);

    private string? OfInputs()
    {
        if (_proof.Enclaves.Any(e => !e.Binding.Inputs.SequenceEqual(_proof.Enclaves[0].Binding.Inputs)))
        {
            return "enclaves were attested for different inputs";
        }

        foreach (ProofInput input in _proof.Inputs)
        {
            Outcome<SealedFileHeader> header = SealedFileHeader.Read("an input", input.Header.AsSpan());
            if (!header.Succeeded || header.Value.Stream != input.Stream)
            {
                return header.Failure?.Message ?? $"the header of {input.Stream} is that of another file";
            }
        }

        Dictionary<StreamId, EndDigest> stated = [];
        foreach (SealedInput input in _statements.SelectMany(s => s.Inputs))
        {
            if (!stated.TryAdd(input.Stream, input.Digest) && stated[input.Stream] != input.Digest)
            {
                return $"two statements name different ends of the input {input.Stream}";
            }
        }

        if (stated.Keys.Cast<StreamId?>().FirstOrDefault(s => !_proof.Inputs.Any(i => i.Stream == s)) is { } unnamed)
        {
            return $"a statement names the input {unnamed}, and the proof does not";
        }

        return _proof.Inputs.FirstOrDefault(i => i.Digest != (stated.TryGetValue(i.Stream, out EndDigest end) ? end : null)) is { } other
            ? $"the end digest of the input {other.Stream} is not what the statements say"
            : null;
    }

    private string? OfSealed()
    {
        ImmutableArray<ResultStrand> strands = [.. _statements.Select(s => s.Strand).OfType<ResultStrand>().OrderBy(s => s.Strand)];
        if (strands.IsEmpty)
        {
            return _proof.Sealed is null ? null : "an end digest is named, and no statement is of a sealed result";
        }

        ResultStrand first = strands[0];
        if (strands.Any(s => s.Stream != first.Stream || s.HeaderTag != first.HeaderTag || s.Strands != first.Strands))
        {
            return "the statements are of different sealed files";
        }

        if (strands.Length != first.Strands || strands.Where((s, i) => s.Strand != i).Any())
        {
            return $"{first.Strands} strands make the sealed result, and the statements are not of each one";
        }

        return _proof.Sealed == EndDigest.Of(first.Stream, first.HeaderTag, strands.Select(s => (s.Groups, s.EndTag)))
            ? null
            : "the sealed result's end digest is not what the strands give";
    }
}
