using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Gathers what proves a run's result (docs/specs/proof.md) while it goes on: made before the run, told of each release and
/// statement, asked for the proof once the run has finished. Thread safe.
/// </summary>
public sealed class RunProof
{
    private ProofBuilder? _builder;
    private ResultProof? _result;
    private Secret? _salt;

    /// <summary>
    /// The proof of a run that has finished. With the owner's secret it holds the salt by which rows are checked, and the
    /// owner's word for the time.
    /// </summary>
    /// <param name="owner">The owner's secret, or null.</param>
    /// <param name="at">Now, by a clock that the owner trusts.</param>
    public Outcome<Proof> Build(Secret? owner, DateTimeOffset at)
    {
        if (_builder is null || _result is null)
        {
            return new Failure(FailureKind.Missing, "nothing in this run gives evidence, so there is nothing to prove");
        }

        Outcome<Proof> proof = _builder.Build(_result.Columns, _salt is null ? [] : _salt.Bytes);
        if (!proof.Succeeded || owner is null)
        {
            return proof;
        }

        using ECDsa key = SigningKeys.OfOwner(owner);
        return proof.Value with { OwnerTimestamps = [OwnerTimestamp.Sign(proof.Value, at, key)] };
    }

    /// <summary>Before a run: whether its result can be proven. What cannot throws <see cref="JobFailedException"/>.</summary>
    internal void Begin(WorkerTask task, Secret? owner, IKeyBroker broker)
    {
        Outcome<ResultProof> result = ResultProof.Of(task.Plan);
        if (!result.Succeeded)
        {
            throw new JobFailedException($"the result cannot be proven: {result.Failure.Message}");
        }

        Outcome<ImmutableArray<SignedManifest>> manifests = broker.ManifestsAsync(task.Plan.JobName, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (!manifests.Succeeded)
        {
            throw new JobFailedException($"the key broker does not give the manifest: {manifests.Failure.Message}");
        }

        _result = result.Value;
        _builder = new ProofBuilder(manifests.Value, task.Plan.Digest, task.Run);
        if (owner is not null)
        {
            using Secret run = KeySchedule.RunKey(owner, task.Run, task.Plan.Digest, task.Inputs.AsSpan());
            _salt = KeySchedule.ProofSalt(run);
        }
    }

    internal void Add(ReleaseRequest request, ReleaseAnswer answer) => _builder?.Add(request, answer);

    /// <summary>Takes a statement; null, or why it is none.</summary>
    internal Failure? Add(SignedStatement statement)
    {
        Outcome<ResultStatement> read = statement.Read();
        if (!read.Succeeded)
        {
            return read.Failure;
        }

        _builder?.Add(statement);
        return null;
    }
}
