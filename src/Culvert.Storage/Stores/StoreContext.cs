using System.Collections.Concurrent;

namespace Culvert.Storage;

/// <summary>What all operations of one client share. Thread safe.</summary>
internal sealed class StoreContext
{
    private readonly StoreSetup _setup;
    private readonly ClientState _state;
    private readonly ConcurrentDictionary<string, CloudMeter> _meters = new(StringComparer.Ordinal);
    private volatile StoreView _view;

    internal StoreContext(StoreSetup setup, ClientState state, StoreConfiguration configuration)
    {
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
        for (int follows = 0; ; follows++)
        {
            StoreView view = View;
            UnitMetadata? seen = await _state.RecallAsync(unit, view.ReadRecord, cancellationToken).ConfigureAwait(false);
            RecordRead core = new(view.Quorum, unit, seen, view.ReadRecord);
            RecordReading reading = await view.Shell.ReadAsync(core, cancellationToken).ConfigureAwait(false);
            bool isAhead = reading.Newest?.Configuration > view.Configuration.Number
                || core.Reports.Charges.Any(charge => charge.Kind == ChargeKind.UnknownSigner);
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

    /// <summary>Follows a newer configuration that f + 1 clouds confirm; false when there is none.</summary>
    internal async ValueTask<bool> RefreshAsync(CancellationToken cancellationToken)
    {
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

    /// <summary>Uses a configuration from now on.</summary>
    internal async ValueTask AdoptAsync(StoreConfiguration configuration, CancellationToken cancellationToken)
    {
        await _state.WriteConfigurationAsync(configuration, cancellationToken).ConfigureAwait(false);
        _view = ViewOf(configuration);
    }

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
