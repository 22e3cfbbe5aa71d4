using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>
/// Gathers a proof while a run goes on: what enclaves brought and got, and what their partitions stated. Thread safe. What it
/// makes is a proof only if a <see cref="ProofVerifier"/> says so.
/// </summary>
public sealed class ProofBuilder
{
    private readonly Lock _lock = new();
    private readonly ImmutableArray<SignedManifest> _manifests;
    private readonly PlanDigest _plan;
    private readonly RunId _run;
    private readonly List<EnclaveProof> _enclaves = [];
    private readonly Dictionary<Producer, SignedStatement> _statements = [];
    private ImmutableArray<StageInput> _inputs = [];

    /// <summary>Begins the proof of a run under the last of <paramref name="manifests"/>, which are all versions from 1 on.</summary>
    public ProofBuilder(ImmutableArray<SignedManifest> manifests, PlanDigest plan, RunId run)
    {
        ArgumentOutOfRangeException.ThrowIfZero(manifests.Length, nameof(manifests));
        (_manifests, _plan, _run) = (manifests, plan, run);
    }

    /// <summary>Adds an enclave that was given keys. All name the same inputs.</summary>
    public void Add(ReleaseRequest request, ReleaseAnswer answer)
    {
        lock (_lock)
        {
            _enclaves.Add(new EnclaveProof(request.Binding, request.Evidence, request.Collateral, answer.Result));
            _inputs = request.Inputs.IsEmpty ? _inputs : request.Inputs;
        }
    }

    /// <summary>Adds what a partition stated. A partition that ended twice (its worker was replaced) counts with its last one.</summary>
    public void Add(SignedStatement signed)
    {
        Outcome<ResultStatement> statement = signed.Read();
        if (!statement.Succeeded)
        {
            throw new ArgumentException(statement.Failure.Message, nameof(signed));
        }

        lock (_lock)
        {
            _statements[new Producer(statement.Value.Stage, statement.Value.Partition)] = signed;
        }
    }

    /// <summary>The proof; refused while a partition that makes the result has stated nothing.</summary>
    /// <param name="columns">The result's columns.</param>
    /// <param name="salt">The run's proof salt, which the proof then holds.</param>
    public Outcome<Proof> Build(ImmutableArray<ResultColumn> columns, ReadOnlySpan<byte> salt)
    {
        lock (_lock)
        {
            ImmutableArray<ResultStatement> statements = [.. _statements.OrderBy(s => s.Key).Select(s => s.Value.Read().Value)];
            long partitions = statements.IsEmpty ? 1 : statements[0].Parts.Sum(p => (long)p.Partitions);
            if (statements.Length != partitions)
            {
                return new Failure(FailureKind.Missing, $"the result cannot be proven: {statements.Length} of {partitions} partitions stated what they gave");
            }

            Dictionary<StreamId, EndDigest> ends = [];
            foreach (SealedInput input in statements.SelectMany(s => s.Inputs))
            {
                ends[input.Stream] = input.Digest;
            }

            return new Proof
            {
                Job = _manifests[^1].Manifest.Job,
                Plan = _plan,
                Run = _run,
                Manifests = _manifests,
                Enclaves = [.. _enclaves.OrderBy(e => Convert.ToHexString(SHA256.HashData(e.Binding.SigningKey.AsSpan())), StringComparer.Ordinal)],
                Statements = [.. _statements.OrderBy(s => s.Key).Select(s => s.Value)],
                Inputs = [.. _inputs.Select(i => new ProofInput(i.Stream, i.Header, ends.TryGetValue(i.Stream, out EndDigest end) ? end : null))],
                Columns = columns,
                Salt = [.. salt],
                Sealed = SealedOf(statements),
            };
        }
    }

    private static EndDigest? SealedOf(ImmutableArray<ResultStatement> statements)
    {
        ResultStrand[] strands = [.. statements.Select(s => s.Strand).OfType<ResultStrand>().OrderBy(s => s.Strand)];
        return strands is [var first, ..]
            ? EndDigest.Of(first.Stream, first.HeaderTag, strands.Select(s => (s.Groups, s.EndTag)))
            : null;
    }
}
