using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Asks a run's broker, one interval after another, whether what enclaves were given keys for still stands. A job that was
/// taken back, or a manifest that is over, the broker says itself; when the manifest has a later version, each release is gone
/// over by it. What stands goes on. A broker that cannot be asked is waited for, and not for ever: else whoever cuts it off
/// would undo a revocation. Thread safe.
/// </summary>
internal sealed class ReleaseWatch : IDisposable
{
    /// <summary>Checks in a row that nobody answers before a run ends.</summary>
    internal const int SilenceChecksMax = 10;

    private readonly Lock _lock = new();
    private readonly Plan _plan;
    private readonly IKeyBroker _broker;
    private readonly IClock _clock;
    private readonly TimeSpan _interval;
    private readonly List<GivenRelease> _given = [];
    private readonly CancellationTokenSource _cancel = new();
    private ImmutableArray<byte> _reviewed = []; // the digest of the version by which all of them stand
    private int _silent;
    private Task _watching = Task.CompletedTask;
    private volatile JobFailedException? _ended;
    private volatile bool _isNewer;

    internal ReleaseWatch(Plan plan, IKeyBroker broker, IClock clock, TimeSpan interval) =>
        (_plan, _broker, _clock, _interval) = (plan, broker, clock, interval);

    /// <summary>Time between checks: a manifest's update is at a broker within a second, so this is how fast a revocation is.</summary>
    internal static TimeSpan IntervalDefault { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Why the run has to end, or null.</summary>
    internal JobFailedException? Ended => _ended;

    /// <summary>True once the manifest has a later version than the run's, by which all that was released stands.</summary>
    internal bool IsNewer => _isNewer;

    /// <summary>Remembers what an enclave was given.</summary>
    internal void Add(ReleaseRequest request)
    {
        lock (_lock)
        {
            _given.Add(new GivenRelease(request, _clock.UtcNow));
            _reviewed = [];
        }
    }

    internal void Start() => _watching = Task.Run(WatchAsync);

    /// <summary>Asks no more.</summary>
    public void Dispose()
    {
        _cancel.Cancel();
        _watching.GetAwaiter().GetResult();
        _cancel.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (_ended is null)
            {
                await _clock.Delay(_interval, _cancel.Token).ConfigureAwait(false);
                await CheckAsync(_cancel.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
        catch (Exception unexpected)
        {
            _ended = new JobFailedException($"whether the run may go on could not be found out: {unexpected.Message}", unexpected);
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        Outcome<ReleaseChallenge> challenge = await _broker.ChallengeAsync(new ReleaseAsk { Job = _plan.JobName, Plan = _plan.Digest }, cancellationToken).ConfigureAwait(false);
        if (challenge.Failure is { } refused)
        {
            Unanswered(refused);
            return;
        }

        ImmutableArray<GivenRelease> given;
        lock (_lock)
        {
            if (_reviewed.AsSpan().SequenceEqual(challenge.Value.Manifest.AsSpan()))
            {
                _silent = 0;
                return;
            }

            given = [.. _given.Where(release => !release.Request.Binding.Manifest.AsSpan().SequenceEqual(challenge.Value.Manifest.AsSpan()))];
        }

        if (!given.IsEmpty && await ReviewAsync(given, challenge.Value, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            Unanswered(failure);
            return;
        }

        lock (_lock)
        {
            _silent = 0;
            _reviewed = challenge.Value.Manifest;
            _isNewer |= !given.IsEmpty;
        }
    }

    /// <summary>What the version in force has against what runs; also that it could not be had.</summary>
    private async Task<Failure?> ReviewAsync(ImmutableArray<GivenRelease> given, ReleaseChallenge challenge, CancellationToken cancellationToken)
    {
        Outcome<ImmutableArray<SignedManifest>> versions = await _broker.ManifestsAsync(_plan.JobName, cancellationToken).ConfigureAwait(false);
        if (versions.Failure is { } unread)
        {
            return unread;
        }

        // The owner's key is the one that the enclaves' evidence names.
        SignedManifest current = versions.Value[^1];
        if (!System.Security.Cryptography.SHA256.HashData(current.Manifest.OwnerKey.AsSpan()).AsSpan().SequenceEqual(challenge.Owner.AsSpan())
            || given.Any(release => !release.Request.Binding.Owner.AsSpan().SequenceEqual(challenge.Owner.AsSpan())))
        {
            return new Failure(FailureKind.Mismatch, "the broker has a manifest of another owner now");
        }

        if (!ManifestHistory.TryVerify(versions.Value, current.Manifest.OwnerKey.AsSpan(), out ManifestHistory? history, out ManifestRefusal? refusal))
        {
            return refusal.ToFailure();
        }

        DateTimeOffset now = _clock.UtcNow;
        return given.Select(release => release.Review(history.Current, now)).FirstOrDefault(r => r is not null)?.ToFailure();
    }

    /// <summary>No answer, or none to go on with: the first is waited for.</summary>
    private void Unanswered(Failure failure)
    {
        // Too many requests, and a store that fails, are no answers either.
        if (failure.Kind is not (FailureKind.Io or FailureKind.TooLarge))
        {
            _ended = new JobFailedException($"the key broker takes back what this run was given keys for: {failure.Message}. The run has ended; what it gave so far is not the whole result");
        }
        else if (++_silent >= SilenceChecksMax)
        {
            _ended = new JobFailedException(
                $"the key broker could not be asked for {Text(_interval * SilenceChecksMax)} whether this run may go on, so it has ended: {failure.Message}. Once the broker answers, the same command with --resume goes on where snapshots were kept");
        }
    }

    private static string Text(TimeSpan time) =>
        time >= TimeSpan.FromMinutes(2) ? $"{time.TotalMinutes:0.#} minutes" : $"{time.TotalSeconds:0.###} s";
}
