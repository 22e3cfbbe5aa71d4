using System.Globalization;
using Culvert.Sealing;

namespace Culvert.Storage;

public sealed partial class Store
{
    /// <summary>
    /// Makes a store: tries every cloud (container, put, get, list, remove), and puts the first configuration, signed by the owner.
    /// Refused when some cloud already has a store, since two in one place would take each other's units.
    /// </summary>
    /// <param name="setup">The client; its clouds become the store's, in their order, and are 3f + 1.</param>
    /// <param name="places">What the configuration says of each cloud: as many, with the clouds' names.</param>
    /// <param name="writers">Who may write beside the owner.</param>
    /// <param name="readers">Whom values in mode <c>sealed</c> are wrapped for, beside the owner and their writers.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public static async ValueTask<Outcome<Store>> CreateAsync(
        StoreSetup setup,
        IReadOnlyList<CloudPlace> places,
        IReadOnlyList<VerifyingKey> writers,
        IReadOnlyList<HpkePublicKey> readers,
        CancellationToken cancellationToken)
    {
        setup.Options.Check();
        if (setup.Clouds.Count % 3 != 1 || setup.Clouds.Count > UnitLimits.CloudsMax || places.Count != setup.Clouds.Count)
        {
            return new Failure(FailureKind.Malformed, $"a store has 3f + 1 clouds (4, 7, ..., at most {UnitLimits.CloudsMax}; 1 to try it out), and these are {setup.Clouds.Count}");
        }

        if (!setup.Keys.IsOwner)
        {
            return new Failure(FailureKind.Mismatch, "only its owner can make a store");
        }

        string?[] failures = await Task.WhenAll(setup.Clouds.Select(cloud => TryCloudAsync(cloud, setup.Entropy, isNew: true, cancellationToken))).ConfigureAwait(false);
        if (failures.Any(failure => failure is not null))
        {
            return new Failure(FailureKind.Io, string.Join("; ", failures.OfType<string>()));
        }

        StoreConfiguration configuration = new StoreConfiguration
        {
            Store = StoreId.Random(setup.Entropy),
            Number = 1,
            Previous = default,
            TimeMs = Math.Max(0, setup.Clock.UtcNow.ToUnixTimeMilliseconds()),
            Owner = setup.Keys.Owner,
            Writers = writers,
            Readers = WithOwner(readers, setup.Keys),
            Clouds = places,
        }.Sign(setup.Keys.Signing);
        Store store = await MakeAsync(setup, configuration, isFresh: true, cancellationToken).ConfigureAwait(false);
        CloudObject[] item = [new(UnitObjects.Configuration(1), configuration.Bytes)];
        (Task<PutResult> result, Completion finished) = store._context.View.Shell.Write(new QuorumPut(configuration.Quorum, _ => item));
        store._context.Background.Add(finished.WaitAsync());
        PutResult put = await result.ConfigureAwait(false);
        return put.Succeeded ? store : new Failure(FailureKind.Io, "too few clouds took the store's configuration");
    }

    /// <summary>
    /// Opens a store: by the configuration that this client knows, or the newest that f + 1 of its clouds have alike.
    /// </summary>
    public static async ValueTask<Outcome<Store>> OpenAsync(StoreSetup setup, CancellationToken cancellationToken)
    {
        setup.Options.Check();
        byte[]? known = await setup.State.LengthAsync("configuration", cancellationToken).ConfigureAwait(false) is null
            ? null
            : await ClientState.ReadAsync(setup.State, "configuration", cancellationToken).ConfigureAwait(false);
        if (known is not null)
        {
            Outcome<StoreConfiguration> remembered = StoreConfiguration.TryRead(known, setup.Keys.Owner);
            return remembered.Succeeded
                ? await MakeAsync(setup, remembered.Value, isFresh: false, cancellationToken).ConfigureAwait(false)
                : new Failure(remembered.Failure.Kind, $"this client's own copy of the configuration: {remembered.Failure.Message}; is it another store's state folder, or another owner's key?");
        }

        if (setup.Clouds.Count % 3 != 1 || setup.Clouds.Count > UnitLimits.CloudsMax)
        {
            return new Failure(FailureKind.Malformed, $"a store has 3f + 1 clouds, and these are {setup.Clouds.Count}");
        }

        CoreShell shell = new(setup.Clouds, [.. setup.Clouds.Select(_ => new CloudMeter())], setup.Clock, setup.Options.Continuations, new BlockBuffers());
        ConfigurationRead core = new(new Quorum((setup.Clouds.Count - 1) / 3), bytes => StoreConfiguration.TryRead(bytes, setup.Keys.Owner));
        ConfigurationReading reading = await shell.ReadAsync(core, cancellationToken).ConfigureAwait(false);
        return reading.Newest is { } newest
            ? await MakeAsync(setup, newest, isFresh: true, cancellationToken).ConfigureAwait(false)
            : new Failure(
                FailureKind.Missing,
                $"no store of this owner is on these clouds, or too few of them answer ({core.Reports.Text(slot => setup.Clouds[slot].Name)})");
    }

    /// <summary>
    /// Moves the store off one cloud onto another, which has to be among this client's clouds. Every kept version gets a new key:
    /// what the old cloud has is worth nothing without f others that lie. Tells how many units were moved; begun again, it
    /// goes on. <paramref name="progress"/> is told each unit.
    /// </summary>
    public async ValueTask<Outcome<int>> ReplaceAsync(string oldCloud, CloudPlace place, Action<string>? progress, CancellationToken cancellationToken)
    {
        StoreConfiguration current = Configuration;
        int slot = Enumerable.Range(0, current.Clouds.Count).FirstOrDefault(at => current.Clouds[at].Name == oldCloud, -1);
        if (_context.Keys.IsOwner && slot < 0 && current.Clouds.Any(cloud => cloud.Name == place.Name))
        {
            // It was cut short behind its new configuration.
            return await new CloudReplacement(_context, _records, _lists, _context.View).FinishAsync(progress, cancellationToken).ConfigureAwait(false);
        }

        if (!_context.Keys.IsOwner || slot < 0 || current.Clouds.Any(cloud => cloud.Name == place.Name))
        {
            return new Failure(
                FailureKind.Mismatch,
                !_context.Keys.IsOwner ? "only the owner can change a store's clouds"
                : slot < 0 ? $"the store has no cloud {oldCloud}"
                : $"the store has a cloud {place.Name} already");
        }

        if (_context.Setup.Clouds.FirstOrDefault(cloud => cloud.Name == place.Name) is not { } added)
        {
            return new Failure(FailureKind.Missing, $"this client has no cloud {place.Name}: add it");
        }

        if (await TryCloudAsync(added, _context.Entropy, isNew: false, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return new Failure(FailureKind.Io, failure);
        }

        CloudPlace[] clouds = [.. current.Clouds];
        clouds[slot] = place;
        Outcome<MoveReport> moved = await new CloudReplacement(_context, _records, _lists, NextView(clouds, current.Readers, current.Writers))
            .RunAsync(progress, cancellationToken).ConfigureAwait(false);
        return moved.Succeeded ? moved.Value.Units : moved.Failure;
    }

    private static async ValueTask<Store> MakeAsync(StoreSetup setup, StoreConfiguration configuration, bool isFresh, CancellationToken cancellationToken)
    {
        ClientState state = await ClientState.OpenAsync(setup.State, setup.Anchor, setup.Keys, setup.Entropy, cancellationToken).ConfigureAwait(false);
        await state.WriteConfigurationAsync(configuration, cancellationToken).ConfigureAwait(false);
        return new Store(new StoreContext(setup, state, configuration, isFresh));
    }

    /// <summary>What a cloud cannot do; null when it can do everything.</summary>
    private static async Task<string?> TryCloudAsync(ICloud cloud, IEntropy entropy, bool isNew, CancellationToken cancellationToken)
    {
        byte[] content = new byte[16];
        entropy.Fill(content);
        string name = UnitObjects.Probes + Convert.ToHexStringLower(content);
        CloudOutcome<CloudDone> made = await cloud.CreateAsync(cancellationToken).ConfigureAwait(false);
        if (!made.Succeeded)
        {
            return Cannot("make the container", made.Failure);
        }

        CloudOutcome<CloudListing> stores = await cloud.ListAsync(UnitObjects.Configurations, null, cancellationToken).ConfigureAwait(false);
        if (!stores.Succeeded)
        {
            return Cannot("list", stores.Failure);
        }

        if (isNew && stores.Value.Entries.Count > 0)
        {
            return $"{cloud.Name}: a store is there already; open it, or take another place";
        }

        CloudOutcome<CloudDone> put = await cloud.PutAsync(name, content, PutCondition.Always, cancellationToken).ConfigureAwait(false);
        if (!put.Succeeded)
        {
            return Cannot("put", put.Failure);
        }

        byte[] back = new byte[content.Length + 1];
        CloudOutcome<CloudRead> got = await cloud.GetAsync(name, 0, back, cancellationToken).ConfigureAwait(false);
        if (!got.Succeeded)
        {
            return Cannot("get what was just put", got.Failure);
        }

        if (got.Value.Bytes != content.Length || !back.AsSpan(0, content.Length).SequenceEqual(content))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{cloud.Name}: gives {got.Value.Bytes} bytes that are not the {content.Length} that were put");
        }

        CloudOutcome<CloudListing> listed = await cloud.ListAsync(name, null, cancellationToken).ConfigureAwait(false);
        if (!listed.Succeeded || listed.Value.Entries.All(entry => entry.Name != name))
        {
            return $"{cloud.Name}: does not list what was just put{(listed.Succeeded ? "" : $": {listed.Failure.Message}")}";
        }

        CloudOutcome<CloudDone> removed = await cloud.RemoveAsync(name, cancellationToken).ConfigureAwait(false);
        return removed.Succeeded ? null : Cannot("remove", removed.Failure);

        string Cannot(string what, CloudFailure failure) => $"{cloud.Name}: cannot {what}: {failure.Message}";
    }
}
