using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// Challenges that were given out, bounded in number. They are kept for as long again as they are valid, so that a late or
/// second answer is told why it is refused. A broker that starts anew has none, and so refuses all earlier ones. Not thread safe.
/// </summary>
internal sealed class OpenChallenges(int countMax)
{
    private readonly Dictionary<PlanDigest, Entry> _entries = [];
    private readonly Queue<(PlanDigest Nonce, DateTimeOffset ForgetAt)> _order = new();

    /// <summary>Keeps a challenge; false when there are too many.</summary>
    internal bool TryAdd(ReleaseChallenge challenge, string job, DateTimeOffset now)
    {
        Forget(now);
        if (_entries.Count >= countMax)
        {
            return false;
        }

        PlanDigest nonce = KeyOf(challenge.Nonce);
        _entries.Add(nonce, new Entry(challenge, job));
        _order.Enqueue((nonce, challenge.NotAfter + ReleaseLimits.ChallengeLifetime));
        return true;
    }

    /// <summary>Uses up a nonce: whatever becomes of the request, the challenge has served.</summary>
    internal (NonceStanding Standing, ReleaseChallenge? Challenge, string Job) Use(ImmutableArray<byte> nonce, DateTimeOffset now)
    {
        Forget(now);
        if (!_entries.TryGetValue(KeyOf(nonce), out Entry? entry))
        {
            return (NonceStanding.Unknown, null, "");
        }

        NonceStanding standing = entry.IsUsed ? NonceStanding.Used : now >= entry.Challenge.NotAfter ? NonceStanding.Old : NonceStanding.Open;
        entry.IsUsed = true;
        return (standing, entry.Challenge, entry.Job);
    }

    private void Forget(DateTimeOffset now)
    {
        while (_order.TryPeek(out (PlanDigest Nonce, DateTimeOffset ForgetAt) oldest) && now >= oldest.ForgetAt)
        {
            _entries.Remove(oldest.Nonce);
            _order.Dequeue();
        }
    }

    // A nonce is 32 bytes, as a digest is.
    private static PlanDigest KeyOf(ImmutableArray<byte> nonce) => PlanDigest.FromBytes(nonce.AsSpan());

    private sealed class Entry(ReleaseChallenge challenge, string job)
    {
        internal ReleaseChallenge Challenge { get; } = challenge;

        internal string Job { get; } = job;

        internal bool IsUsed { get; set; }
    }
}
