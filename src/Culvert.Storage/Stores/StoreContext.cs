using System.Collections.Concurrent;
using System.Globalization;

namespace Culvert.Storage;

/// <summary>What all operations of one client share. Thread safe.</summary>
internal sealed class StoreContext
{
    private readonly StoreSetup _setup;
    private readonly ClientState _state;
    private readonly ConcurrentDictionary<string, CloudMeter> _meters = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private volatile StoreView _view;
    private TimeSpan? _followed;

    /// <param name="setup">The client.</param>
    /// <param name="state">Its own folder.</param>
    /// <param name="configuration">The configuration to begin with.</param>
    /// <param name="isFresh">The clouds gave it just now.</param>
    internal StoreContext(StoreSetup setup, ClientState state, StoreConfiguration configuration, bool isFresh)
    {
        _followed = isFresh ? setup.Clock.Elapsed : null;
        (_setup, _state) = (setup, state);
        Background = new BackgroundWork(setup.Options.Continuations);
        _view = ViewOf(configuration);
    }

    internal StoreSetup Setup => _setup;

    internal StoreOptions Options => _setup.Options;

    internal StoreKeys Keys => _setup.Keys;

    internal IClock Clock => _setup.Clock;

    internal IEntropy Entropy => _setup.Entropy;

    internal ClientState State => _state;

    internal BackgroundWork Background { get; }

    /// <summary>Room for what is read.</summary>
    internal BlockBuffers Buffers { get; } = new();

    internal StoreView View => _view;

    internal long NowMs => Math.Max(0, _setup.Clock.UtcNow.ToUnixTimeMilliseconds());

    /// <summary>A unit's newest metadata: of n - f clouds that answer and what this client has seen. Null: there never was such a unit.</summary>
    internal async ValueTask<Outcome<RecordReading>> ReadRecordAsync(UnitName unit, CancellationToken cancellationToken)
    {
        await FollowAsync(cancellationToken).ConfigureAwait(false);
        for (int follows = 0; ; follows++)
        {
            StoreView view = View;
            UnitMetadata? seen = await _state.RecallAsync(unit, view.ReadRecord, cancellationToken).ConfigureAwait(false);
            RecordRead core = new(view.Quorum, unit, seen, view.ReadRecord) { ClaimOf = view.ClaimOf };
            RecordReading reading = await view.Shell.ReadAsync(core, cancellationToken).ConfigureAwait(false);
            bool isAhead = Math.Max(reading.Newest?.Configuration ?? 0, core.ClaimedConfiguration) > view.Configuration.Number;
            if (isAhead && follows == 0 && await RefreshAsync(cancellationToken).ConfigureAwait(false))
            {
                // What the older configuration made of it is no cloud's fault.
                continue;
            }

            await ChargeAsync(view, core.Reports, cancellationToken).ConfigureAwait(false);
            if (!reading.Succeeded)
            {
                return new Failure(
                    FailureKind.Io,
                    $"{unit}: fewer than {view.Quorum.Enough} of {view.Quorum.Clouds} clouds tell what it is ({core.Reports.Text(view.NameOf)})");
            }

            if (reading.Newest is not null)
            {
                await _state.RememberAsync(reading.Newest, anchor: false, cancellationToken).ConfigureAwait(false);
            }

            return reading;
        }
    }

    /// <summary>
    /// Follows a newer configuration when nobody has asked for one for some time: a client that never asks would believe a writer
    /// who has been taken out.
    /// </summary>
    internal async ValueTask FollowAsync(CancellationToken cancellationToken)
    {
        bool isDue;
        lock (_lock)
        {
            isDue = _followed is not { } last || Clock.Elapsed - last >= Options.FollowAfter;
        }

        if (isDue)
        {
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Follows a newer configuration that f + 1 clouds confirm; false when there is none.</summary>
    internal async ValueTask<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Also when too few clouds answer: what comes next will tell that.
            _followed = Clock.Elapsed;
        }

        StoreView view = View;
        ConfigurationRead core = new(view.Quorum, bytes => StoreConfiguration.TryRead(bytes, Keys.Owner));
        ConfigurationReading reading = await view.Shell.ReadAsync(core, cancellationToken).ConfigureAwait(false);
        await ChargeAsync(view, core.Reports, cancellationToken).ConfigureAwait(false);
        if (reading.Newest is not { } newer || newer.Store != view.Configuration.Store || newer.Number <= view.Configuration.Number)
        {
            return false;
        }

        await AdoptAsync(newer, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Uses a configuration from now on; what was seen counts as far as its signers still may write.</summary>
    internal async ValueTask AdoptAsync(StoreConfiguration configuration, CancellationToken cancellationToken)
    {
        await _state.WriteConfigurationAsync(configuration, cancellationToken).ConfigureAwait(false);
        _view = ViewOf(configuration);
        _state.ReadAgain();
    }

    /// <summary>
    /// Puts a new configuration at n - f clouds, and uses it. Gives the clouds that did not take it: too few to keep it from those
    /// who follow, but until they have it too, f liars can show whoever comes for the first time the one before.
    /// </summary>
    internal async ValueTask<Outcome<string[]>> PublishAsync(StoreView next, CancellationToken cancellationToken)
    {
        StoreConfiguration configuration = next.Configuration;
        CloudObject[] item = [new(UnitObjects.Configuration(configuration.Number), configuration.Bytes)];
        QuorumPut core = new(next.Quorum, _ => item);
        (Task<PutResult> result, Completion finished) = next.Shell.Write(core);
        Background.Add(finished.WaitAsync());
        PutResult put = await result.ConfigureAwait(false);
        if (!put.Succeeded)
        {
            return new Failure(FailureKind.Io, $"too few clouds took the new configuration ({core.Reports.Text(next.NameOf)})");
        }

        await AdoptAsync(configuration, cancellationToken).ConfigureAwait(false);
        await finished.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return core.Reports.Failed.Select(next.NameOf).ToArray();
    }

    /// <summary>Why this client may not write; null when it may.</summary>
    internal Failure? RefuseWriting() => View.Configuration.SignerOf(Keys.Signing.PublicKey.Id) is not null
        ? null
        : new Failure(
            FailureKind.Mismatch,
            string.Create(
                CultureInfo.InvariantCulture,
                $"this key may not write: the store's configuration {View.Configuration.Number} does not name it among the writers. The owner adds it: culvert store member add NAME FILE --writer"));

    internal StoreView ViewOf(StoreConfiguration configuration) =>
        new(configuration, _meters, _setup, Buffers);

    /// <summary>Keeps what clouds did wrong.</summary>
    internal async ValueTask ChargeAsync(StoreView view, SlotReports reports, CancellationToken cancellationToken)
    {
        foreach (CloudCharge charge in reports.Charges)
        {
            await _state.ChargeAsync(charge, view.NameOf(charge.Slot), _setup.Clock.UtcNow, cancellationToken).ConfigureAwait(false);
        }
    }
}
