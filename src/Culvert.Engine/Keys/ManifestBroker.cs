using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.Engine;

/// <summary>
/// A broker in this process over a manifest in a file, whose next versions it takes when it is asked: a run that asks again
/// hears of them. Thread safe.
/// </summary>
/// <param name="core">Decides; becomes this object's.</param>
/// <param name="path">The manifest, which the core has taken.</param>
internal sealed class ManifestBroker(KeyBrokerCore core, string path) : IKeyBroker, IDisposable
{
    public async ValueTask<Outcome<ReleaseChallenge>> ChallengeAsync(ReleaseAsk ask, CancellationToken cancellationToken)
    {
        return await TakeAsync(cancellationToken).ConfigureAwait(false) is { } failure ? failure
            : await core.ChallengeAsync(ask, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<Outcome<ReleaseAnswer>> ReleaseAsync(ReleaseRequest request, CancellationToken cancellationToken) => core.ReleaseAsync(request, cancellationToken);

    public ValueTask<Outcome<ImmutableArray<SignedManifest>>> ManifestsAsync(string job, CancellationToken cancellationToken) => core.ManifestsAsync(job, cancellationToken);

    public void Dispose() => core.Dispose();

    /// <summary>A file that cannot be read or does not hold is no answer: the owner may be about to replace it.</summary>
    private async ValueTask<Failure?> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!ManifestFile.TryLoad(path, core.OwnerKey.AsSpan(), out ManifestHistory? history, out ManifestRefusal? refusal))
            {
                return new Failure(FailureKind.Io, $"the manifest {path} is not to be used: {refusal}");
            }

            Outcome<SignedManifest> taken = await core.TakeAsync(history, cancellationToken).ConfigureAwait(false);
            return taken.Succeeded ? null : new Failure(FailureKind.Io, $"{path}: {taken.Failure.Message}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"{path}: {failure.Message}");
        }
    }
}
