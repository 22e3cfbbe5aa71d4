using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>What a file of clouds leads to: clouds, keys and the client's folder. Failures throw <see cref="CommandFailedException"/>.</summary>
internal sealed class StoreClient : IDisposable
{
    private readonly StoreChoice _choice;
    private readonly List<ICloud> _clouds = [];
    private readonly StoreKeys _keys;
    private readonly FolderBlobs _state;
    private readonly FolderBlobs? _anchor;

    /// <param name="choice">Which store.</param>
    /// <param name="isNew">A store is to be made: its key is made when there is none, and every cloud's credentials have to be there.</param>
    internal StoreClient(StoreChoice choice, bool isNew)
    {
        _choice = choice;
        Outcome<CloudConfiguration> read = CloudConfiguration.Read(choice.Path);
        Configuration = read.Succeeded ? read.Value
            : read.Failure.Kind == FailureKind.Missing
                ? throw CommandFailedException.Usage($"there is no {choice.Path}: --config FILE names the file of clouds (docs/storage.md)")
                : throw CommandFailedException.Usage(read.Failure.Message);
        CloudFactory factory = new(MachineClock.Instance, MachineEntropy.Instance, Environment.GetEnvironmentVariable);
        Outcome<ICloud>[] opened = [.. All.Select(factory.Open)];
        if (isNew && opened.Any(cloud => !cloud.Succeeded))
        {
            throw new CommandFailedException(ExitCode.Failed, string.Join('\n', opened.Select(cloud => cloud.Failure?.Message).OfType<string>()));
        }

        _clouds.AddRange(opened.Zip(All, (cloud, settings) => cloud.Succeeded ? cloud.Value : new RefusedCloud(settings.Name, cloud.Failure.Message)));
        StoreKeyFiles files = new(Configuration, choice);
        (KeyPath, MadeKey) = (files.OwnerPath, isNew && files.MakeOwner());
        (_keys, OwnerCard) = files.Open(choice.PassphraseFile);
        StatePath = Configuration.State ?? choice.Beside(files.MemberPath is { } member ? $"{System.IO.Path.GetFileNameWithoutExtension(member)}.state" : "state");
        PrivateFile.CreateFolder(StatePath);
        _state = new FolderBlobs(StatePath, isShared: true);
        _anchor = Configuration.Anchor is { } anchor ? new FolderBlobs(anchor, isShared: true) : null;
    }

    /// <summary>What the file says.</summary>
    internal CloudConfiguration Configuration { get; }

    /// <summary>Whether this is the owner's client.</summary>
    internal bool IsOwner => _keys.IsOwner;

    /// <summary>The owner's card.</summary>
    internal MemberCard OwnerCard { get; }

    /// <summary>This client's card.</summary>
    internal MemberCard Card => MemberCard.Of(_keys);

    /// <summary>What this client keeps on its machine.</summary>
    internal IBlobs State => _state;

    /// <summary>The file of the owner's key.</summary>
    internal string KeyPath { get; }

    /// <summary>Whether the key was made just now.</summary>
    internal bool MadeKey { get; }

    /// <summary>The client's folder.</summary>
    internal string StatePath { get; }

    /// <summary>Clouds in use and spare ones.</summary>
    private IEnumerable<CloudSettings> All => Configuration.Clouds.Concat(Configuration.Spares);

    /// <summary>What a configuration says of the clouds in use.</summary>
    internal IReadOnlyList<CloudPlace> Places => [.. Configuration.Clouds.Select(CloudLocation.PlaceOf)];

    /// <summary>The settings of a cloud by its name; null when the file has none.</summary>
    internal CloudSettings? Find(string name) => All.FirstOrDefault(settings => settings.Name == name);

    /// <summary>The client of a new store.</summary>
    internal StoreSetup NewSetup => Setup(Configuration.Clouds.Count);

    /// <summary>Opens the store.</summary>
    internal async ValueTask<Outcome<Store>> OpenAsync(CancellationToken cancellationToken)
    {
        // Spare clouds count only once it is known which are in use.
        bool isKnown = await _state.LengthAsync("configuration", cancellationToken).ConfigureAwait(false) is not null;
        Outcome<Store> store = await Store.OpenAsync(isKnown ? Setup(_clouds.Count) : NewSetup, cancellationToken).ConfigureAwait(false);
        if (isKnown || !store.Succeeded || Configuration.Spares.Count == 0)
        {
            return store;
        }

        await store.Value.DisposeAsync().ConfigureAwait(false);
        return await Store.OpenAsync(Setup(_clouds.Count), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _clouds.ForEach(cloud => (cloud as IDisposable)?.Dispose());
        _keys.Dispose();
        _state.Dispose();
        _anchor?.Dispose();
    }

    private StoreSetup Setup(int clouds)
    {
        int needed = Configuration.Faults + 1;
        return new StoreSetup
        {
            Clouds = _clouds[..clouds],
            Keys = _keys,
            State = _state,
            Anchor = _anchor,
            Clock = MachineClock.Instance,
            Entropy = MachineEntropy.Instance,
            Options = _choice.Options with
            {
                ReadCosts = All.Where(settings => settings.Prices is not null)
                    .ToDictionary(settings => settings.Name, settings => CostEstimate.OfBlock(settings.Prices!, _choice.Options.ChunkBytes / needed)),
            },
        };
    }
}
