namespace Culvert.Storage;

/// <summary>What taking a lease gave: it is held; or another's is in the way until a time; or too few clouds answered.</summary>
/// <param name="IsHeld">The lease is held.</param>
/// <param name="Other">The lease in the way.</param>
internal sealed record LeaseResult(bool IsHeld, Lease? Other);

/// <summary>
/// One try at the low-contention lock (DepSky, section 3.4): leases at n - f clouds are looked at; if none of another counts, one's own is
/// put at n - f, and they are looked at again. If there is another now, one's own is taken back. Two that try at once may both
/// give up, and never both hold. Leases that have ended are removed on the way: nobody counts them any more, and their holders may
/// be dead.
/// </summary>
internal sealed class LeaseTaking : ProtocolCore<LeaseResult>
{
    /// <summary>
    /// How many leases of one cloud are looked at: a unit has one or two, and what dead writers left goes as it is met. A cloud that lists
    /// more has not told which count, and does not count itself.
    /// </summary>
    internal const int LeasesMax = 64;

    private readonly Lease _lease;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Func<ReadOnlyMemory<byte>, Outcome<Lease>> _read;
    private readonly Func<Lease, bool> _counts;
    private readonly HashSet<UInt128> _own;
    private Phase _phase;
    private int _sound;
    private int _failed;
    private Lease? _other;

    /// <param name="quorum">How many clouds it takes.</param>
    /// <param name="lease">One's own lease.</param>
    /// <param name="bytes">It, signed.</param>
    /// <param name="earlier">Nonces of leases that the same holder had before, which are not in its way.</param>
    /// <param name="read">Reads and verifies a lease.</param>
    /// <param name="counts">Whether a lease has not ended yet, by one's own clock and the margin.</param>
    internal LeaseTaking(
        Quorum quorum, Lease lease, ReadOnlyMemory<byte> bytes, IEnumerable<UInt128> earlier, Func<ReadOnlyMemory<byte>, Outcome<Lease>> read, Func<Lease, bool> counts)
        : base(quorum) =>
        (_lease, _bytes, _own, _read, _counts) = (lease, bytes, [.. earlier, lease.Nonce], read, counts);

    private enum Phase
    {
        LookFirst,
        Put,
        LookAgain,
        Over,
    }

    internal override void Start() => Look(Phase.LookFirst);

    private void Begin(Phase phase) => (_phase, _sound, _failed) = (phase, 0, 0);

    private void Look(Phase phase)
    {
        Begin(phase);
        for (int slot = 0; slot < Quorum.Clouds; slot++)
        {
            int s = slot;
            Board.List(s, UnitObjects.Leases(_lease.Unit), reply => Listed(phase, s, reply));
        }
    }

    private void Listed(Phase phase, int slot, CloudReply reply)
    {
        if (phase != _phase)
        {
            return;
        }

        if (!reply.Succeeded)
        {
            Failed(slot, reply.Failure!.Message);
            return;
        }

        // What is not named like a lease, or by one's own nonces, is nobody's claim.
        string[] names = [.. reply.Listing!.Entries.Select(entry => entry.Name).Where(IsForeign).Distinct()];
        string? failure = names.Length > LeasesMax ? $"it lists {names.Length} leases, of which one or two can be" : null;
        int left = Math.Min(names.Length, LeasesMax);
        if (left == 0)
        {
            Sound();
        }

        foreach (string name in names.Take(LeasesMax))
        {
            Board.Get(slot, name, UnitLimits.LeaseBytesMax, UnitLimits.LeaseBytesMax, got =>
            {
                if (phase != _phase)
                {
                    return;
                }

                string? unknown = Weigh(slot, name, got);
                failure ??= unknown;
                if (--left > 0)
                {
                    return;
                }

                if (failure is null)
                {
                    Sound();
                }
                else
                {
                    Failed(slot, failure);
                }
            });
        }
    }

    private bool IsForeign(string name) =>
        name.StartsWith(UnitObjects.Leases(_lease.Unit), StringComparison.Ordinal)
        && !_own.Any(nonce => name == UnitObjects.Lease(_lease.Unit, _lease.Writer, nonce));

    /// <summary>Null when the cloud has told what is there; else why it has not.</summary>
    private string? Weigh(int slot, string name, CloudReply got)
    {
        if (got.IsTooLong)
        {
            Reports.Add(new CloudCharge(slot, ChargeKind.Forged, name, got.Failure!.Message, got.Bytes));
            return null;
        }

        if (!got.Succeeded)
        {
            // Given back between list and get; but what is not to be had may be a lease that counts.
            return got.IsAbsent ? null : got.Failure!.Message;
        }

        Outcome<Lease> lease = _read(got.Bytes);
        if (!lease.Succeeded || lease.Value.ObjectName != name || !lease.Value.Unit.Equals(_lease.Unit))
        {
            Failure why = lease.Failure ?? new Failure(FailureKind.Mismatch, "it is the lease of another unit or name");
            Reports.Add(CloudCharge.OfRefused(slot, name, why, got.Bytes));
        }
        else if (!_counts(lease.Value))
        {
            Board.Remove(slot, name, _ => { });
        }
        else if (_other is null || lease.Value.EndsMs > _other.EndsMs)
        {
            _other = lease.Value;
        }

        return null;
    }

    private void Sound()
    {
        if (++_sound != Quorum.Enough)
        {
            return;
        }

        if (_other is not null)
        {
            GiveUp(_phase == Phase.LookAgain);
            return;
        }

        switch (_phase)
        {
            case Phase.LookFirst:
                PutOwn();
                break;
            case Phase.Put:
                Look(Phase.LookAgain);
                break;
            default:
                _phase = Phase.Over;
                Finish(new LeaseResult(true, null));
                break;
        }
    }

    private void PutOwn()
    {
        Begin(Phase.Put);
        for (int slot = 0; slot < Quorum.Clouds; slot++)
        {
            int s = slot;
            Board.Put(s, _lease.ObjectName, _bytes, PutCondition.Always, reply =>
            {
                if (_phase == Phase.Over && Result is { IsHeld: false })
                {
                    // Given up meanwhile: what arrives late is taken back too.
                    Board.Remove(s, _lease.ObjectName, _ => { });
                }
                else if (_phase != Phase.Put)
                {
                    return;
                }
                else if (reply.Succeeded)
                {
                    Sound();
                }
                else
                {
                    Failed(s, reply.Failure!.Message);
                }
            });
        }
    }

    private void Failed(int slot, string why)
    {
        Reports.Fail(slot, why);
        if (++_failed > Quorum.Clouds - Quorum.Enough)
        {
            GiveUp(_phase != Phase.LookFirst);
        }
    }

    private void GiveUp(bool takeBack)
    {
        _phase = Phase.Over;
        Finish(new LeaseResult(false, _other));
        for (int slot = 0; takeBack && slot < Quorum.Clouds; slot++)
        {
            Board.Remove(slot, _lease.ObjectName, _ => { });
        }
    }
}
