namespace Culvert.Storage;

/// <summary>
/// The right to be a unit's only writer for some time; renewed by itself until it is disposed, which gives it back. It cannot stop
/// a writer that was paused: every put asks <see cref="Refuse"/> right before it begins and before its metadata leaves, and clouds
/// with conditional puts let no late record in; what is left is said in docs/storage.md.
/// </summary>
public sealed class UnitLease : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _over = new();
    private readonly StoreContext _context;
    private readonly StoreView _view;
    private readonly List<UInt128> _nonces = [];
    private Lease _lease;
    private string? _lost;
    private Task _renewing = Task.CompletedTask;

    private UnitLease(StoreContext context, StoreView view, Lease lease)
    {
        (_context, _view, _lease) = (context, view, lease);
        _nonces.Add(lease.Nonce);
    }

    /// <summary>The unit.</summary>
    public string Unit => _lease.Unit.Text;

    /// <summary>How long it can still be counted on: until Δ before it ends.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (_lock)
            {
                return TimeSpan.FromMilliseconds(_lease.EndsMs - _context.NowMs) - _context.Options.ClockMargin;
            }
        }
    }

    /// <summary>Cancelled when the lease was lost: whatever needs it has to stop.</summary>
    public CancellationToken Lost => _over.Token;

    /// <summary>Why nothing may be written under it any more; null when it may.</summary>
    public Failure? Refuse()
    {
        string? lost;
        lock (_lock)
        {
            lost = _lost;
        }

        return lost is not null
            ? new Failure(FailureKind.Mismatch, $"{Unit}: the lease was lost: {lost}")
            : Left <= TimeSpan.Zero ? new Failure(FailureKind.Mismatch, $"{Unit}: the lease has ended") : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        bool wasHeld;
        lock (_lock)
        {
            wasHeld = _lost is null;
            _lost ??= "it was given back";
        }

        if (wasHeld)
        {
            End();
        }

        await _renewing.ConfigureAwait(false);
        await GiveBackAsync([.. _nonces]).ConfigureAwait(false);
    }

    /// <summary>One try.</summary>
    internal static async ValueTask<Outcome<UnitLease>> TryTakeAsync(StoreContext context, UnitName unit, CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        Lease lease = New(context, unit);
        LeaseResult result = await TakeAsync(context, view, lease, []).ConfigureAwait(false);
        if (!result.IsHeld)
        {
            return result.Other is { } other
                ? new Failure(
                    FailureKind.Mismatch,
                    $"{unit}: locked by writer {other.Writer} until {DateTimeOffset.FromUnixTimeMilliseconds(other.EndsMs):u}")
                : new Failure(FailureKind.Io, $"{unit}: fewer than {view.Quorum.Enough} of {view.Quorum.Clouds} clouds tell of its leases, or took one");
        }

        UnitLease held = new(context, view, lease);
        if (held.Left <= TimeSpan.Zero)
        {
            await held.DisposeAsync().ConfigureAwait(false);
            return new Failure(FailureKind.Io, $"{unit}: the lease had ended before it was taken: the clouds are too slow for leases of {context.Options.LeaseTime}");
        }

        held._renewing = held.RenewAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return held;
    }

    private static Lease New(StoreContext context, UnitName unit)
    {
        long now = context.NowMs;
        return new Lease(unit, context.State.Writer, UnitIds.Random(context.Entropy), now, now + (long)context.Options.LeaseTime.TotalMilliseconds);
    }

    private static async Task<LeaseResult> TakeAsync(StoreContext context, StoreView view, Lease lease, IReadOnlyList<UInt128> earlier)
    {
        byte[] bytes = lease.Sign(view.Configuration.Store, context.Keys.Signing);
        LeaseTaking core = new(
            view.Quorum, lease, bytes, earlier, view.ReadLease, other => Counts(context, other));
        (Task<LeaseResult> result, Completion finished) = view.Shell.Write(core);
        context.Background.Add(finished.WaitAsync());
        LeaseResult taken = await result.ConfigureAwait(false);
        await context.ChargeAsync(view, core.Reports, CancellationToken.None).ConfigureAwait(false);
        return taken;
    }

    /// <summary>Whether a lease has not ended yet, by this client's clock and the margin.</summary>
    internal static bool Counts(StoreContext context, Lease lease) => lease.EndsMs + context.Options.ClockMargin.TotalMilliseconds > context.NowMs;

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                TimeSpan wait = Left / 2;
                await _context.Clock.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _over.Token).ConfigureAwait(false);
                Lease next = New(_context, _lease.Unit);
                LeaseResult renewed = await TakeAsync(_context, _view, next, _nonces).ConfigureAwait(false);
                if (renewed.IsHeld)
                {
                    lock (_lock)
                    {
                        _lease = next;
                    }

                    UInt128[] old = [.. _nonces];
                    _nonces.Clear();
                    _nonces.Add(next.Nonce);
                    await GiveBackAsync(old).ConfigureAwait(false);
                }
                else if (renewed.Other is not null || Left <= TimeSpan.Zero)
                {
                    lock (_lock)
                    {
                        _lost ??= renewed.Other is { } other ? $"writer {other.Writer} has one" : "it could not be renewed";
                    }

                    End();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // Given back.
        }
    }

    // Here and now, and not on another thread: whoever waits for it stops before anything else happens.
    private void End() => _over.Cancel();

    private async ValueTask GiveBackAsync(IReadOnlyList<UInt128> nonces)
    {
        await QuorumWait.ForAsync(
            _view.Shell.Clouds.Select(RemoveAsync), ended => ended.Count >= _view.Quorum.Enough, _context.Background, CancellationToken.None).ConfigureAwait(false);

        async Task<bool> RemoveAsync(ICloud cloud)
        {
            foreach (UInt128 nonce in nonces)
            {
                await cloud.RemoveAsync(UnitObjects.Lease(_lease.Unit, _context.State.Writer, nonce), CancellationToken.None).ConfigureAwait(false);
            }

            return true;
        }
    }
}
