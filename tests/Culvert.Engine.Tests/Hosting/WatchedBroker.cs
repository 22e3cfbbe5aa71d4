using System.Collections.Concurrent;
using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>A broker that a test sees at work, and can cut off.</summary>
internal sealed class WatchedBroker(IKeyBroker inner) : IKeyBroker
{
    private volatile bool _isCutOff;
    private volatile int _asked;

    /// <summary>The key epochs of releases, in their order.</summary>
    internal ConcurrentQueue<int> Epochs { get; } = [];

    /// <summary>How often a challenge was asked for.</summary>
    internal int Asked => _asked;

    /// <summary>From now on nobody can ask it, or somebody can again.</summary>
    internal bool IsCutOff
    {
        set => _isCutOff = value;
    }

    public async ValueTask<Outcome<ReleaseChallenge>> ChallengeAsync(ReleaseAsk ask, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return _isCutOff ? new Failure(FailureKind.Io, "nobody is there") : await inner.ChallengeAsync(ask, cancellationToken);
    }

    public async ValueTask<Outcome<ReleaseAnswer>> ReleaseAsync(ReleaseRequest request, CancellationToken cancellationToken)
    {
        Outcome<ReleaseAnswer> answer = await inner.ReleaseAsync(request, cancellationToken);
        if (answer.Succeeded)
        {
            Epochs.Enqueue(request.Binding.Epoch.Value);
        }

        return answer;
    }

    public ValueTask<Outcome<ImmutableArray<SignedManifest>>> ManifestsAsync(string job, CancellationToken cancellationToken) => inner.ManifestsAsync(job, cancellationToken);
}
